#include "live/envelope_codec.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/live/live_cluster.hpp"

namespace windtunnel::live {
namespace {

TypeRegistry types() {
  TypeRegistry registry;
  registry.add<Ping, Pong>();
  return registry;
}

RC_GTEST_PROP(EnvelopeCodec, ReadsBackWhatItWrites,
              (std::uint64_t call, std::uint64_t number, const std::string& text)) {
  const auto kind =
      *rc::gen::element(EnvelopeKind::command, EnvelopeKind::response, EnvelopeKind::event);
  const Envelope sent{kind, Delivery::stream, call, Payload{Ping{number, text}}};
  const std::string body = body_of(sent);

  auto received = envelope_of({frame_type_of(kind), 1, body}, types());

  RC_ASSERT(received.has_value());
  RC_ASSERT(received->kind == kind);
  RC_ASSERT(received->call == call);
  RC_ASSERT(received->payload.as<Ping>().number == number);
  RC_ASSERT(received->payload.as<Ping>().text == text);
}

RC_GTEST_PROP(EnvelopeCodec, TakesArbitraryBodiesWithoutFailing, (const std::string& body)) {
  const auto type = *rc::gen::element(FrameType::command, FrameType::event, FrameType::nack);
  const auto envelope = envelope_of({type, 1, body}, types());
  // Whatever is accepted and not a refusal has a payload: its receiver relies on it.
  RC_ASSERT(!envelope || envelope->kind == EnvelopeKind::refusal || !envelope->payload.empty());
}

TEST(EnvelopeCodec, ReadsARefusalWithoutPayload) {
  const std::string body = body_of({EnvelopeKind::refusal, Delivery::stream, 300, {}});

  const auto received = envelope_of({FrameType::nack, 1, body}, types());

  ASSERT_TRUE(received);
  EXPECT_EQ(received->kind, EnvelopeKind::refusal);
  EXPECT_EQ(received->call, 300U);
  EXPECT_TRUE(received->payload.empty());
}

TEST(EnvelopeCodec, RefusesWhatItCannotReadWhole) {
  const std::string good =
      body_of({EnvelopeKind::event, Delivery::stream, 0, Payload{Ping{1, "text"}}});
  const std::string unknown =
      body_of({EnvelopeKind::event, Delivery::stream, 0, Payload{Unregistered{1}}});

  EXPECT_TRUE(envelope_of({FrameType::event, 1, good}, types()));
  EXPECT_FALSE(envelope_of({FrameType::event, 1, good + "x"}, types()));
  EXPECT_FALSE(envelope_of({FrameType::event, 1, good.substr(0, good.size() - 1)}, types()));
  EXPECT_FALSE(envelope_of({FrameType::event, 1, unknown}, types()));
  EXPECT_FALSE(envelope_of({FrameType::event, 1, ""}, types()));
  EXPECT_FALSE(envelope_of({FrameType::nack, 1, good}, types()));
  EXPECT_FALSE(envelope_of({FrameType::ack, 1, good}, types()));
}

}  // namespace
}  // namespace windtunnel::live
