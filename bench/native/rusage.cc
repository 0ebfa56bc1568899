// Runs one command and prints what it cost: rusage SECONDS STDOUT STDERR COMMAND [WORD...] → one
// line of JSON. Wall time is CLOCK_MONOTONIC from fork to the end; CPU and peak memory are the
// kernel's own (wait4), children that the command waited for included. After SECONDS its process
// group is killed.
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

namespace {

double Now() {
  timespec t{};
  clock_gettime(CLOCK_MONOTONIC, &t);
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9;
}

double Seconds(const timeval& t) {
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
}

volatile pid_t g_child = 0;  // the signal handler's only way to know

void Stop(int) { kill(-g_child, SIGKILL); }

void Redirect(int fd, const char* path) {
  const int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
  if (file < 0 || dup2(file, fd) < 0) _exit(127);
}

[[noreturn]] void Become(char** words) {
  setpgid(0, 0);
  const int nothing = open("/dev/null", O_RDONLY);
  if (nothing >= 0) dup2(nothing, 0);
  Redirect(1, words[2]);
  Redirect(2, words[3]);
  execvp(words[4], words + 4);
  _exit(127);
}

}  // namespace

int main(int count, char** words) {
  if (count < 5) return 2;
  const double began = Now();
  g_child = fork();
  if (g_child == 0) Become(words);
  signal(SIGALRM, Stop);
  signal(SIGTERM, Stop);
  alarm(static_cast<unsigned>(std::atoi(words[1])));
  int status = 0;
  rusage used{};
  while (wait4(g_child, &status, 0, &used) < 0) {
  }
  std::printf(
      "{\"wall\":%.6f,\"user\":%.6f,\"sys\":%.6f,\"rssKiB\":%ld,\"exit\":%d,\"signal\":%d}\n",
      Now() - began, Seconds(used.ru_utime), Seconds(used.ru_stime), used.ru_maxrss,
      WIFEXITED(status) ? WEXITSTATUS(status) : -1, WIFSIGNALED(status) ? WTERMSIG(status) : 0);
  return 0;
}
