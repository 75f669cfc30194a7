#include "live/connection.hpp"

#include <array>
#include <netinet/tcp.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>

namespace windtunnel::live {

namespace {

constexpr std::size_t kReadBytes = std::size_t{64} * 1024;

// A peer that acknowledges nothing for this long is given up by the kernel; the simulated network
// gives up after the same time.
constexpr int kUserTimeoutMilliseconds = 25'000;

using UserTimeout = asio::detail::socket_option::integer<IPPROTO_TCP, TCP_USER_TIMEOUT>;

bool is_temporary(error_code error) {
  return error == asio::error::would_block || error == asio::error::try_again ||
         error == asio::error::interrupted;
}

}  // namespace

Connection::Connection(asio::ip::tcp::socket socket, std::size_t body_bytes_max, Observer& observer)
    : socket_(std::move(socket)), observer_(observer), parser_(body_bytes_max) {
  // Where a call fails the connection is broken already, and reading finds that.
  error_code ignored;
  socket_.non_blocking(true, ignored);
  socket_.set_option(asio::ip::tcp::no_delay{true}, ignored);
  socket_.set_option(UserTimeout{kUserTimeoutMilliseconds}, ignored);
  remote_ = socket_.remote_endpoint(ignored);
  wait_readable();
}

void Connection::send(std::string_view bytes) {
  outgoing_.append(bytes);
  schedule_flush();
}

void Connection::send(const Frame& frame) {
  write_frame(outgoing_, frame);
  schedule_flush();
}

void Connection::schedule_flush() {
  if (!flush_scheduled_) {
    flush_scheduled_ = true;
    asio::post(socket_.get_executor(), lifetime_.guard([this] { flush(); }));
  }
}

// Waiting for readiness instead of handing buffers to the context: nothing then refers to this
// object's memory but guarded handlers.
void Connection::wait_readable() {
  socket_.async_wait(asio::ip::tcp::socket::wait_read,
                     lifetime_.guard([this](error_code) { read(); }));
}

void Connection::read() {
  std::array<char, kReadBytes> bytes;
  error_code error;
  const std::size_t count = socket_.read_some(asio::buffer(bytes), error);
  if (is_temporary(error)) {
    wait_readable();
  } else if (error) {
    observer_.connection_ended();
  } else {
    parse({bytes.data(), count});
  }
}

void Connection::parse(std::string_view bytes) {
  const auto alive = lifetime_.watch();
  parser_.feed(bytes);
  while (const auto frame = parser_.next()) {
    observer_.frame_arrived(*frame);
    if (alive.expired()) {
      return;
    }
  }
  observer_.batch_ended();
  if (alive.expired()) {
    return;
  }
  if (const auto error = parser_.error()) {
    observer_.bad_frame(frame_error_text(*error));
  } else {
    wait_readable();
  }
}

void Connection::flush() {
  error_code error;
  while (written_ < outgoing_.size() && !error) {
    written_ += socket_.write_some(
        asio::buffer(outgoing_.data() + written_, outgoing_.size() - written_), error);
  }
  if (is_temporary(error)) {
    // Not at each turn, since what remains has to be moved.
    if (written_ > outgoing_.size() / 2) {
      outgoing_.erase(0, written_);
      written_ = 0;
    }
    socket_.async_wait(asio::ip::tcp::socket::wait_write,
                       lifetime_.guard([this](error_code) { flush(); }));
    return;
  }
  // After any other error reading fails too, and tells the observer.
  outgoing_.clear();
  written_ = 0;
  flush_scheduled_ = false;
}

}  // namespace windtunnel::live
