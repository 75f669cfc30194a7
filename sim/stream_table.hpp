// The byte streams of one simulated host. Streams travel as segments over the same connections as
// messages, so every condition of the network applies to them.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>

#include "runtime/byte_stream.hpp"
#include "runtime/messenger.hpp"
#include "runtime/pending.hpp"
#include "sim/connection_loss.hpp"

namespace windtunnel::sim {

class SimulatedHost;

enum class SegmentKind : std::uint8_t { open, accepted, refused, data, window, finished, reset };
BOOST_DESCRIBE_ENUM(SegmentKind, open, accepted, refused, data, window, finished, reset)

/// One piece of a byte stream on the simulated wire.
struct StreamSegment {
  static constexpr std::string_view kWireName = "sim.stream_segment";
  SegmentKind kind = SegmentKind::data;
  std::uint32_t to_stream = 0;
  std::uint32_t from_stream = 0;
  std::uint16_t port = 0;
  std::uint32_t credit = 0;  ///< Bytes that the receiver has room for again.
  SharedBytes bytes;
};
BOOST_DESCRIBE_STRUCT(StreamSegment, (), (kind, to_stream, from_stream, port, credit, bytes))

class StreamTable {
 public:
  /// Bytes under way to a reader that does not read.
  static constexpr std::uint32_t kWindowBytes = 64 * 1024;

  explicit StreamTable(SimulatedHost& host);
  StreamTable(const StreamTable&) = delete;
  StreamTable& operator=(const StreamTable&) = delete;
  ~StreamTable();

  [[nodiscard]] std::unique_ptr<AcceptorBackend> listen(Port port);
  void connect(HostId to, Port port, Completion<void(error_code, ByteStream)> done);

  void receive(HostId from, const StreamSegment& segment);
  void connection_lost(HostId peer, ConnectionLoss loss);
  /// The process died: every stream and listener is gone without a word.
  void forget_everything();

 private:
  struct Stream;
  class Backend;
  struct Listener;
  class ListenerBackend;

  Stream& add_stream(HostId peer);
  [[nodiscard]] ByteStream handle_of(Stream& stream);
  void send(const Stream& stream, SegmentKind kind, SharedBytes bytes = {},
            std::uint32_t credit = 0);
  void open(HostId from, const StreamSegment& segment);
  void accept_data(Stream& stream, const StreamSegment& segment);
  void grant(Stream& stream, std::uint32_t credit);
  void fail(Stream& stream, error_code error);
  void finish_connecting(Stream& stream, error_code error);
  void close(std::uint32_t id);
  void close_listener(Port port);
  void read_some(Stream& stream, asio::mutable_buffer buffer,
                 Completion<void(error_code, std::size_t)> done);
  void write_some(Stream& stream, std::string bytes,
                  Completion<void(error_code, std::size_t)> done);
  [[nodiscard]] std::size_t take(Stream& stream, asio::mutable_buffer buffer);
  void push(Stream& stream, Completion<void(error_code, std::size_t)> done);
  void post_result(Completion<void(error_code, std::size_t)> done, error_code error,
                   std::size_t bytes);

  SimulatedHost& host_;
  std::map<std::uint32_t, std::unique_ptr<Stream>> streams_;
  std::map<Port, std::unique_ptr<Listener>> listeners_;
  std::uint32_t next_id_ = 1;
};

}  // namespace windtunnel::sim
