#include "source/decoder.h"

#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <limits>

namespace deadair {
namespace {

template <class T>
void MoveOn(std::span<T>* span, size_t bytes) {
  *span = span->subspan(bytes);
}

// Members behind each other are one file; bytes behind the last member that begin none are ignored
// (gzip(1)).
class GzipDecoder final : public Decoder {
 public:
  GzipDecoder() {
    ready_ = inflateInit2(&stream_, 15 + 16) == Z_OK;
  }  // the largest window; gzip header expected
  ~GzipDecoder() override { inflateEnd(&stream_); }

  Decoded Step(std::span<const uint8_t>* in, std::span<uint8_t>* out, bool last) override {
    if (!ready_) return Decoded::kBroken;
    if (between_members_ && !in->empty() && !StartMember(*in, last)) return Decoded::kEnd;
    if (in->empty() && !flushing_)
      return !last ? Decoded::kMore : between_members_ ? Decoded::kEnd : Decoded::kCut;
    if (between_members_) return Decoded::kMore;  // half of a magic
    stream_.next_in = const_cast<uint8_t*>(in->data());
    stream_.avail_in =
        static_cast<uInt>(std::min<size_t>(in->size(), std::numeric_limits<uInt>::max()));
    stream_.next_out = out->data();
    stream_.avail_out =
        static_cast<uInt>(std::min<size_t>(out->size(), std::numeric_limits<uInt>::max()));
    const int answer = inflate(&stream_, Z_NO_FLUSH);
    MoveOn(in, static_cast<size_t>(stream_.next_in - in->data()));
    MoveOn(out, static_cast<size_t>(stream_.next_out - out->data()));
    between_members_ = answer == Z_STREAM_END;
    flushing_ = !between_members_ && out->empty();
    return answer == Z_OK || answer == Z_STREAM_END || answer == Z_BUF_ERROR ? Decoded::kMore
                                                                             : Decoded::kBroken;
  }

  std::string complaint() const override {
    return stream_.msg != nullptr ? stream_.msg : "the decompressor gave up";
  }

 private:
  bool StartMember(std::span<const uint8_t> in, bool last) {
    if (in[0] != 0x1f) return false;
    if (in.size() < 2) return !last;
    if (in[1] != 0x8b) return false;
    between_members_ = false;
    return inflateReset(&stream_) == Z_OK;
  }

  z_stream stream_ = {};
  bool ready_ = false;
  bool between_members_ = false;
  bool flushing_ = false;  // more may come out of what is inside already
};

// Frames behind each other are one file; libzstd skips skippable ones itself. Its window is
// allocated up to 128 MiB (ZSTD_WINDOWLOG_LIMIT_DEFAULT) and becomes resident as data arrives.
class ZstdDecoder final : public Decoder {
 public:
  ZstdDecoder() : stream_(ZSTD_createDStream()) {}
  ~ZstdDecoder() override { ZSTD_freeDStream(stream_); }

  Decoded Step(std::span<const uint8_t>* in, std::span<uint8_t>* out, bool last) override {
    if (in->empty() && !flushing_)
      return !last ? Decoded::kMore : between_frames_ ? Decoded::kEnd : Decoded::kCut;
    ZSTD_inBuffer from = {in->data(), in->size(), 0};
    ZSTD_outBuffer to = {out->data(), out->size(), 0};
    const size_t answer = ZSTD_decompressStream(stream_, &to, &from);
    MoveOn(in, from.pos);
    MoveOn(out, to.pos);
    if (ZSTD_isError(answer)) {
      complaint_ = ZSTD_getErrorName(answer);
      return Decoded::kBroken;
    }
    between_frames_ = answer == 0;
    flushing_ = answer != 0 && out->empty();
    return Decoded::kMore;
  }

  std::string complaint() const override { return complaint_; }

 private:
  ZSTD_DStream* const stream_;
  bool between_frames_ = false;
  bool flushing_ = false;  // more may come out of what is inside already
  std::string complaint_;
};

}  // namespace

std::unique_ptr<Decoder> MakeDecoder(Format format) {
  if (format == Format::kZstd) return std::make_unique<ZstdDecoder>();
  return std::make_unique<GzipDecoder>();
}

}  // namespace deadair
