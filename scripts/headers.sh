# Sourced. node-gyp downloads the headers of the running Node unless it is told where they are; most
# installations bring them, so that a build needs no network.
if [ -z "${npm_config_nodedir-}" ]; then
  node_prefix=$(node -p 'require("node:path").resolve(process.execPath, "../..")')
  if [ -f "$node_prefix/include/node/common.gypi" ]; then
    export npm_config_nodedir="$node_prefix"
  fi
fi
