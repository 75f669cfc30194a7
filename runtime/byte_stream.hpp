// Connected byte streams between hosts. ByteStream meets Asio's AsyncReadStream and
// AsyncWriteStream requirements, so that Boost.Beast and Asio's composed operations run on it
// unchanged, on simulated and on real connections.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/cancellation_type.hpp>

#include "runtime/bytes.hpp"
#include "runtime/completion.hpp"
#include "runtime/id.hpp"

namespace windtunnel {

/// What a ByteStream asks of the world. Closing is the destructor.
class StreamBackend {
 public:
  StreamBackend() = default;
  StreamBackend(const StreamBackend&) = delete;
  StreamBackend& operator=(const StreamBackend&) = delete;
  virtual ~StreamBackend() = default;

  /// Fills at most `buffer` with what has arrived, waiting for at least one byte; `eof` when the
  /// peer closed, `connection_reset` when it crashed.
  virtual void read_some(asio::mutable_buffer buffer,
                         Completion<void(error_code, std::size_t)> done) = 0;

  /// Takes at least one byte once the connection's window has room; completes with the number
  /// taken.
  virtual void write_some(std::string bytes, Completion<void(error_code, std::size_t)> done) = 0;

  /// Ends pending operations with `operation_aborted`.
  virtual void cancel() = 0;
  /// As cancel(), for one direction; a backend that cannot tell them apart ends both.
  virtual void cancel_read() { cancel(); }
  virtual void cancel_write() { cancel(); }

  /// No more bytes will be written; the peer reads `eof` after what was sent.
  virtual void shutdown_send() = 0;
};

class ByteStream {
 public:
  using executor_type = asio::any_io_executor;

  ByteStream() = default;
  ByteStream(executor_type executor, HostId peer, std::unique_ptr<StreamBackend> backend)
      : executor_(std::move(executor)), peer_(peer), backend_(std::move(backend)) {}

  [[nodiscard]] executor_type get_executor() const noexcept { return executor_; }
  [[nodiscard]] HostId peer() const { return peer_; }
  [[nodiscard]] bool is_open() const { return backend_ != nullptr; }

  // Both operations end early with `operation_aborted` by Asio's per-operation cancellation.

  /// void(error_code, bytes read). Reading into an empty buffer sequence completes at once with 0.
  template <typename Buffers, typename Token>
  auto async_read_some(const Buffers& buffers, Token&& token) {
    return asio::async_initiate<Token, void(error_code, std::size_t)>(
        [this](auto handler, asio::mutable_buffer buffer) {
          const auto slot = asio::get_associated_cancellation_slot(handler);
          backend_->read_some(
              buffer, completion_on<void(error_code, std::size_t)>(executor_, std::move(handler)));
          cancel_by(slot, &StreamBackend::cancel_read);
        },
        token, first_of<asio::mutable_buffer>(buffers));
  }

  /// void(error_code, bytes written).
  template <typename Buffers, typename Token>
  auto async_write_some(const Buffers& buffers, Token&& token) {
    return asio::async_initiate<Token, void(error_code, std::size_t)>(
        // The callee keeps the bytes. NOLINTNEXTLINE(performance-unnecessary-value-param)
        [this](auto handler, std::string bytes) {
          const auto slot = asio::get_associated_cancellation_slot(handler);
          backend_->write_some(std::move(bytes), completion_on<void(error_code, std::size_t)>(
                                                     executor_, std::move(handler)));
          cancel_by(slot, &StreamBackend::cancel_write);
        },
        token, gathered(buffers));
  }

  void cancel() { backend_->cancel(); }
  void shutdown_send() { backend_->shutdown_send(); }
  void close() { backend_.reset(); }

 private:
  // One write takes at most this much, so that a large buffer sequence is not copied whole for a
  // small window.
  static constexpr std::size_t kGatherBytes = std::size_t{64} * 1024;

  template <typename Slot>
  void cancel_by(Slot slot, void (StreamBackend::*cancel_operation)()) {
    if (slot.is_connected()) {
      slot.assign([backend = std::weak_ptr{backend_}, cancel_operation](asio::cancellation_type) {
        if (const auto open = backend.lock()) {
          (*open.*cancel_operation)();
        }
      });
    }
  }

  template <typename Buffer, typename Buffers>
  static Buffer first_of(const Buffers& buffers) {
    for (auto it = asio::buffer_sequence_begin(buffers); it != asio::buffer_sequence_end(buffers);
         ++it) {
      if (Buffer buffer{*it}; buffer.size() != 0) {
        return buffer;
      }
    }
    return {};
  }

  template <typename Buffers>
  static std::string gathered(const Buffers& buffers) {
    std::string bytes;
    bytes.resize(std::min(asio::buffer_size(buffers), kGatherBytes));
    asio::buffer_copy(asio::buffer(bytes), buffers);
    return bytes;
  }

  executor_type executor_;
  HostId peer_;
  // Owned by this stream alone; shared only so that a late cancellation can tell that it is gone.
  std::shared_ptr<StreamBackend> backend_;
};

/// A port number of one host.
using Port = Id<struct PortTag, std::uint16_t>;

/// Takes connections on one port. Closing is the destructor.
class AcceptorBackend {
 public:
  AcceptorBackend() = default;
  AcceptorBackend(const AcceptorBackend&) = delete;
  AcceptorBackend& operator=(const AcceptorBackend&) = delete;
  virtual ~AcceptorBackend() = default;
  virtual void accept(Completion<void(error_code, ByteStream)> done) = 0;
};

class Acceptor {
 public:
  Acceptor(asio::any_io_executor executor, std::unique_ptr<AcceptorBackend> backend)
      : executor_(std::move(executor)), backend_(std::move(backend)) {}

  /// void(error_code, ByteStream).
  template <typename Token>
  auto async_accept(Token&& token) {
    return asio::async_initiate<Token, void(error_code, ByteStream)>(
        [this](auto handler) {
          backend_->accept(
              completion_on<void(error_code, ByteStream)>(executor_, std::move(handler)));
        },
        token);
  }

 private:
  asio::any_io_executor executor_;
  std::unique_ptr<AcceptorBackend> backend_;
};

}  // namespace windtunnel
