#include "runtime/frame.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace windtunnel {
namespace {

constexpr std::size_t kBodyBytesMax = 1 << 16;

/// A frame that owns its body.
struct OwnedFrame {
  FrameType type = FrameType::event;
  std::uint64_t sequence = 0;
  std::string body;
  friend bool operator==(const OwnedFrame&, const OwnedFrame&) = default;
};

std::string written(const std::vector<OwnedFrame>& frames) {
  std::string bytes;
  for (const OwnedFrame& frame : frames) {
    write_frame(bytes, {frame.type, frame.sequence, frame.body});
  }
  return bytes;
}

std::vector<OwnedFrame> frames_in(FrameParser& parser) {
  std::vector<OwnedFrame> frames;
  while (const auto frame = parser.next()) {
    frames.push_back({frame->type, frame->sequence, std::string{frame->body}});
  }
  return frames;
}

std::vector<OwnedFrame> parsed(std::string_view bytes) {
  FrameParser parser{kBodyBytesMax};
  parser.feed(bytes);
  return frames_in(parser);
}

std::optional<FrameError> error_of(std::string_view bytes) {
  FrameParser parser{kBodyBytesMax};
  parser.feed(bytes);
  static_cast<void>(frames_in(parser));
  return parser.error();
}

rc::Gen<OwnedFrame> frames() {
  return rc::gen::build<OwnedFrame>(
      rc::gen::set(&OwnedFrame::type,
                   rc::gen::element(FrameType::command, FrameType::response, FrameType::event,
                                    FrameType::ack, FrameType::nack)),
      rc::gen::set(&OwnedFrame::sequence, rc::gen::arbitrary<std::uint64_t>()),
      rc::gen::set(&OwnedFrame::body, rc::gen::arbitrary<std::string>()));
}

TEST(Frame, HasTheDocumentedLayout) {
  const std::string bytes = written({{FrameType::response, 0x0102030405060708U, "body"}});

  const std::string header{"\xAA\x01\x02\x00\x08\x07\x06\x05\x04\x03\x02\x01\x04\x00\x00\x00", 16};
  EXPECT_EQ(bytes.substr(0, 16), header);
  EXPECT_EQ(bytes.substr(16, 4), "body");
  EXPECT_EQ(bytes.size(), kFrameHeaderBytes + 4 + kFrameChecksumBytes);
}

RC_GTEST_PROP(Frame, SurvivesBeingCutAnywhere, ()) {
  const auto sent = *rc::gen::container<std::vector<OwnedFrame>>(frames());
  const std::string bytes = written(sent);
  FrameParser parser{kBodyBytesMax};
  std::vector<OwnedFrame> received;
  for (std::size_t at = 0; at < bytes.size();) {
    const auto count = *rc::gen::inRange<std::size_t>(1, 64);
    parser.feed(std::string_view{bytes}.substr(at, count));
    at += count;
    for (OwnedFrame& frame : frames_in(parser)) {
      received.push_back(std::move(frame));
    }
  }
  RC_ASSERT(received == sent);
  RC_ASSERT(!parser.error());
  RC_ASSERT(parser.buffered_bytes() == 0U);
}

RC_GTEST_PROP(Frame, IsNeverAcceptedWithAnyByteChanged, ()) {
  const OwnedFrame sent = *frames();
  const OwnedFrame follower = *frames();
  const std::string whole = written({sent});
  const auto at = *rc::gen::inRange<std::size_t>(0, whole.size());
  const auto flip = *rc::gen::inRange<int>(1, 256);
  std::string bytes = whole;
  bytes[at] = static_cast<char>(bytes[at] ^ flip);
  // With frames behind it, a length that grew has bytes to swallow.
  bytes += written({follower, follower});

  RC_ASSERT(parsed(bytes).empty());
}

RC_GTEST_PROP(Frame, IsNotGivenBeforeItsLastByte, ()) {
  const std::string bytes = written({*frames()});
  const auto count = *rc::gen::inRange<std::size_t>(0, bytes.size());

  RC_ASSERT(parsed(std::string_view{bytes}.substr(0, count)).empty());
  RC_ASSERT(!error_of(std::string_view{bytes}.substr(0, count)));
}

RC_GTEST_PROP(FrameParser, TakesArbitraryBytesWithoutGivingFrames, (const std::string& noise)) {
  RC_ASSERT(parsed(noise).empty());
}

TEST(FrameParser, TellsEachErrorAtItsOwnByte) {
  const std::string good = written({{FrameType::event, 7, "x"}});
  const auto with = [&](std::size_t at, char value) {
    std::string bytes = good;
    bytes[at] = value;
    return bytes;
  };
  EXPECT_EQ(error_of("\x55"), FrameError::bad_magic);
  EXPECT_EQ(error_of(with(1, '\x02').substr(0, 2)), FrameError::bad_version);
  EXPECT_EQ(error_of(with(2, '\x00').substr(0, 3)), FrameError::bad_type);
  EXPECT_EQ(error_of(with(2, '\x06').substr(0, 3)), FrameError::bad_type);
  EXPECT_EQ(error_of(with(3, '\x01').substr(0, 4)), FrameError::bad_reserved);
  EXPECT_EQ(error_of(with(good.size() - 1, static_cast<char>(good.back() ^ 1))),
            FrameError::bad_checksum);
}

TEST(FrameParser, RefusesALengthBeyondItsLimitBeforeTheBodyArrives) {
  const std::string allowed = written({{FrameType::event, 1, std::string(kBodyBytesMax, 'x')}});
  const std::string too_long =
      written({{FrameType::event, 1, std::string(kBodyBytesMax + 1, 'x')}});

  EXPECT_EQ(parsed(allowed).size(), 1U);
  EXPECT_EQ(error_of(too_long.substr(0, kFrameHeaderBytes)), FrameError::body_too_long);
}

TEST(FrameParser, GivesTheFramesBeforeAnErrorAndNoneAfterIt) {
  const OwnedFrame good{FrameType::event, 1, "x"};
  FrameParser parser{kBodyBytesMax};
  parser.feed(written({good}) + "garbage");
  EXPECT_EQ(frames_in(parser), std::vector<OwnedFrame>{good});
  EXPECT_EQ(parser.error(), FrameError::bad_magic);

  parser.feed(written({good}));
  EXPECT_TRUE(frames_in(parser).empty());
}

}  // namespace
}  // namespace windtunnel
