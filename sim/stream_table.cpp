#include "sim/stream_table.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "sim/simulated_host.hpp"

namespace windtunnel::sim {

struct StreamTable::Stream {
  std::uint32_t id = 0;
  HostId peer;
  std::uint32_t peer_id = 0;
  std::string received;
  std::size_t consumed = 0;
  std::uint32_t owed_credit = 0;
  std::uint32_t send_credit = kWindowBytes;
  std::string unsent;
  bool peer_finished = false;
  error_code failure;
  asio::mutable_buffer read_buffer;
  Waiter<void(error_code, std::size_t)> reader;
  Waiter<void(error_code, std::size_t)> writer;
  Waiter<void(error_code, ByteStream)> connector;
};

/// The user's end of a stream. It knows the stream by number, since a crash of the host removes the
/// stream under it.
class StreamTable::Backend final : public StreamBackend {
 public:
  Backend(StreamTable& table, std::uint32_t id) : table_(table), id_(id) {}
  ~Backend() override { table_.close(id_); }

  void read_some(asio::mutable_buffer buffer,
                 Completion<void(error_code, std::size_t)> done) override {
    table_.read_some(stream(), buffer, std::move(done));
  }
  void write_some(std::string bytes, Completion<void(error_code, std::size_t)> done) override {
    table_.write_some(stream(), std::move(bytes), std::move(done));
  }
  void cancel() override {
    cancel_read();
    cancel_write();
  }
  void cancel_read() override { cancel_wait(table_.host_.executor(), stream().reader); }
  void cancel_write() override { cancel_wait(table_.host_.executor(), stream().writer); }
  void shutdown_send() override { table_.send(stream(), SegmentKind::finished); }

 private:
  [[nodiscard]] Stream& stream() { return *table_.streams_.at(id_); }

  StreamTable& table_;
  std::uint32_t id_;
};

struct StreamTable::Listener {
  std::deque<ByteStream> accepted;
  Waiter<void(error_code, ByteStream)> waiter;
};

class StreamTable::ListenerBackend final : public AcceptorBackend {
 public:
  ListenerBackend(StreamTable& table, Port port) : table_(table), port_(port) {}
  ~ListenerBackend() override { table_.close_listener(port_); }

  void accept(Completion<void(error_code, ByteStream)> done) override {
    Listener& listener = *table_.listeners_.at(port_);
    if (listener.accepted.empty()) {
      listener.waiter.wait(table_.host_.pending(), std::move(done));
      return;
    }
    ByteStream stream = std::move(listener.accepted.front());
    listener.accepted.pop_front();
    table_.host_.post(
        Completion<void()>{[done = std::move(done), stream = std::move(stream)]() mutable {
          done(error_code{}, std::move(stream));
        }});
  }

 private:
  StreamTable& table_;
  Port port_;
};

StreamTable::StreamTable(SimulatedHost& host) : host_(host) {}
StreamTable::~StreamTable() = default;

std::unique_ptr<AcceptorBackend> StreamTable::listen(Port port) {
  const bool added = listeners_.emplace(port, std::make_unique<Listener>()).second;
  check(added, "a port has one listener");
  return std::make_unique<ListenerBackend>(*this, port);
}

StreamTable::Stream& StreamTable::add_stream(HostId peer) {
  const std::uint32_t id = next_id_++;
  Stream& stream = *(streams_[id] = std::make_unique<Stream>());
  stream.id = id;
  stream.peer = peer;
  return stream;
}

ByteStream StreamTable::handle_of(Stream& stream) {
  return ByteStream{host_.executor(), stream.peer, std::make_unique<Backend>(*this, stream.id)};
}

void StreamTable::send(const Stream& stream, SegmentKind kind, SharedBytes bytes,
                       std::uint32_t credit) {
  host_.transmit(stream.peer, Envelope{EnvelopeKind::event, Delivery::stream, 0,
                                       Payload{StreamSegment{kind, stream.peer_id, stream.id, 0,
                                                             credit, std::move(bytes)}}});
}

void StreamTable::connect(HostId to, Port port, Completion<void(error_code, ByteStream)> done) {
  Stream& stream = add_stream(to);
  stream.connector.wait(host_.pending(), std::move(done));
  host_.transmit(
      to, Envelope{EnvelopeKind::event, Delivery::stream, 0,
                   Payload{StreamSegment{SegmentKind::open, 0, stream.id, port.value(), 0, {}}}});
}

void StreamTable::open(HostId from, const StreamSegment& segment) {
  const auto listener = listeners_.find(Port{segment.port});
  if (listener == listeners_.end()) {
    host_.transmit(
        from,
        Envelope{EnvelopeKind::event, Delivery::stream, 0,
                 Payload{StreamSegment{SegmentKind::refused, segment.from_stream, 0, 0, 0, {}}}});
    return;
  }
  Stream& stream = add_stream(from);
  stream.peer_id = segment.from_stream;
  send(stream, SegmentKind::accepted);
  Listener& target = *listener->second;
  if (target.waiter.is_waiting()) {
    target.waiter.complete(error_code{}, handle_of(stream));
  } else {
    target.accepted.push_back(handle_of(stream));
  }
}

void StreamTable::receive(HostId from, const StreamSegment& segment) {
  if (segment.kind == SegmentKind::open) {
    open(from, segment);
    return;
  }
  const auto found = streams_.find(segment.to_stream);
  if (found == streams_.end() || found->second->peer != from) {
    if (segment.kind == SegmentKind::data || segment.kind == SegmentKind::accepted) {
      host_.transmit(
          from,
          Envelope{EnvelopeKind::event, Delivery::stream, 0,
                   Payload{StreamSegment{SegmentKind::reset, segment.from_stream, 0, 0, 0, {}}}});
    }
    return;
  }
  Stream& stream = *found->second;
  switch (segment.kind) {
    case SegmentKind::open:
      break;
    case SegmentKind::accepted:
      stream.peer_id = segment.from_stream;
      finish_connecting(stream, {});
      break;
    case SegmentKind::refused:
      finish_connecting(stream, asio::error::connection_refused);
      break;
    case SegmentKind::data:
      accept_data(stream, segment);
      break;
    case SegmentKind::window:
      grant(stream, segment.credit);
      break;
    case SegmentKind::finished:
      stream.peer_finished = true;
      if (stream.reader.is_waiting()) {
        stream.reader.complete(asio::error::eof, 0);
      }
      break;
    case SegmentKind::reset:
      fail(stream, asio::error::connection_reset);
      break;
  }
}

void StreamTable::finish_connecting(Stream& stream, error_code error) {
  if (!stream.connector.is_waiting()) {
    return;
  }
  auto done = stream.connector.release();
  if (error) {
    streams_.erase(stream.id);
    done(error, ByteStream{});
  } else {
    done(error, handle_of(stream));
  }
}

void StreamTable::accept_data(Stream& stream, const StreamSegment& segment) {
  stream.received.append(segment.bytes.view());
  if (stream.reader.is_waiting()) {
    const std::size_t bytes = take(stream, stream.read_buffer);
    stream.reader.complete(error_code{}, bytes);
  }
}

std::size_t StreamTable::take(Stream& stream, asio::mutable_buffer buffer) {
  const std::size_t bytes = std::min(buffer.size(), stream.received.size() - stream.consumed);
  std::memcpy(buffer.data(), stream.received.data() + stream.consumed, bytes);
  stream.consumed += bytes;
  if (stream.consumed == stream.received.size()) {
    stream.received.clear();
    stream.consumed = 0;
  }
  stream.owed_credit += static_cast<std::uint32_t>(bytes);
  // Half a window at a time: fewer segments than one per read, and the writer never runs dry.
  if (stream.owed_credit >= kWindowBytes / 2) {
    send(stream, SegmentKind::window, {}, std::exchange(stream.owed_credit, 0));
  }
  return bytes;
}

void StreamTable::post_result(Completion<void(error_code, std::size_t)> done, error_code error,
                              std::size_t bytes) {
  host_.post(
      Completion<void()>{[done = std::move(done), error, bytes]() mutable { done(error, bytes); }});
}

void StreamTable::read_some(Stream& stream, asio::mutable_buffer buffer,
                            Completion<void(error_code, std::size_t)> done) {
  if (buffer.size() == 0) {
    post_result(std::move(done), {}, 0);
  } else if (stream.received.size() > stream.consumed) {
    post_result(std::move(done), {}, take(stream, buffer));
  } else if (stream.failure) {
    post_result(std::move(done), stream.failure, 0);
  } else if (stream.peer_finished) {
    post_result(std::move(done), asio::error::eof, 0);
  } else {
    stream.read_buffer = buffer;
    stream.reader.wait(host_.pending(), std::move(done));
  }
}

void StreamTable::write_some(Stream& stream, std::string bytes,
                             Completion<void(error_code, std::size_t)> done) {
  if (stream.failure) {
    post_result(std::move(done), stream.failure, 0);
    return;
  }
  stream.unsent = std::move(bytes);
  if (stream.unsent.empty() || stream.send_credit > 0) {
    push(stream, std::move(done));
  } else {
    stream.writer.wait(host_.pending(), std::move(done));
  }
}

void StreamTable::push(Stream& stream, Completion<void(error_code, std::size_t)> done) {
  const std::size_t bytes = std::min<std::size_t>(stream.unsent.size(), stream.send_credit);
  if (bytes > 0) {
    stream.send_credit -= static_cast<std::uint32_t>(bytes);
    send(stream, SegmentKind::data, SharedBytes{stream.unsent.substr(0, bytes)});
  }
  stream.unsent.clear();
  post_result(std::move(done), {}, bytes);
}

void StreamTable::grant(Stream& stream, std::uint32_t credit) {
  stream.send_credit += credit;
  if (stream.writer.is_waiting()) {
    push(stream, stream.writer.release());
  }
}

void StreamTable::fail(Stream& stream, error_code error) {
  stream.failure = error;
  if (stream.reader.is_waiting()) {
    post_result(stream.reader.release(), error, 0);
  }
  if (stream.writer.is_waiting()) {
    post_result(stream.writer.release(), error, 0);
  }
}

void StreamTable::connection_lost(HostId peer, ConnectionLoss loss) {
  const bool is_reset = loss == ConnectionLoss::reset;
  std::vector<std::uint32_t> ids;
  for (const auto& [id, stream] : streams_) {
    if (stream->peer == peer) {
      ids.push_back(id);
    }
  }
  for (const std::uint32_t id : ids) {
    const auto found = streams_.find(id);
    if (found == streams_.end()) {
      continue;
    }
    if (found->second->connector.is_waiting()) {
      finish_connecting(*found->second,
                        is_reset ? asio::error::connection_refused : asio::error::timed_out);
    } else {
      fail(*found->second, is_reset ? asio::error::connection_reset : asio::error::timed_out);
    }
  }
}

void StreamTable::close(std::uint32_t id) {
  const auto found = streams_.find(id);
  if (found == streams_.end()) {
    return;
  }
  Stream& stream = *found->second;
  if (!stream.failure) {
    send(stream, SegmentKind::finished);
  }
  cancel_wait(host_.executor(), stream.reader);
  cancel_wait(host_.executor(), stream.writer);
  streams_.erase(found);
}

void StreamTable::close_listener(Port port) {
  const auto found = listeners_.find(port);
  if (found != listeners_.end()) {
    cancel_wait(host_.executor(), found->second->waiter);
    listeners_.erase(found);
  }
}

void StreamTable::forget_everything() {
  // Listeners hold streams that close themselves on the way out: they leave the map first.
  auto listeners = std::exchange(listeners_, {});
  listeners.clear();
  streams_.clear();
}

}  // namespace windtunnel::sim
