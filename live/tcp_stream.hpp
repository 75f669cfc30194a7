// A TCP connection behind the port's ByteStream, and a listening socket behind its Acceptor. They
// wait for readiness and move bytes themselves, so that destroying one leaves nothing that refers
// to its user's buffers.
#pragma once

#include <deque>
#include <string>

#include <boost/asio/ip/tcp.hpp>

#include "live/host_table.hpp"
#include "live/lifetime.hpp"
#include "runtime/host.hpp"

namespace windtunnel::live {

class TcpStream final : public StreamBackend {
 public:
  TcpStream(Host& host, asio::ip::tcp::socket socket);
  ~TcpStream() override;

  void read_some(asio::mutable_buffer buffer,
                 Completion<void(error_code, std::size_t)> done) override;
  void write_some(std::string bytes, Completion<void(error_code, std::size_t)> done) override;
  void cancel() override;
  void cancel_read() override;
  void cancel_write() override;
  void shutdown_send() override;

 private:
  void wait_readable();
  void wait_writable();
  void read();
  void write();

  Host& host_;
  asio::ip::tcp::socket socket_;
  asio::mutable_buffer read_buffer_;
  std::string unsent_;
  Waiter<void(error_code, std::size_t)> reader_;
  Waiter<void(error_code, std::size_t)> writer_;
  bool awaits_readable_ = false;
  bool awaits_writable_ = false;
  Lifetime lifetime_;
};

class TcpAcceptor final : public AcceptorBackend {
 public:
  TcpAcceptor(asio::io_context& context, Host& host, const HostTable& hosts,
              const Endpoint& endpoint);
  ~TcpAcceptor() override;

  void accept(Completion<void(error_code, ByteStream)> done) override;

 private:
  void start();
  void finish(error_code error, asio::ip::tcp::socket socket);

  Host& host_;
  const HostTable& hosts_;
  asio::ip::tcp::acceptor acceptor_;
  error_code open_error_;
  Waiter<void(error_code, ByteStream)> waiter_;
  bool is_accepting_ = false;
  std::deque<ByteStream> accepted_;  ///< While nobody waited.
  Lifetime lifetime_;
};

}  // namespace windtunnel::live
