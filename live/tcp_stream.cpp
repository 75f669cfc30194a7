#include "live/tcp_stream.hpp"

#include <utility>

namespace windtunnel::live {

namespace {

bool is_temporary(error_code error) {
  return error == asio::error::would_block || error == asio::error::try_again ||
         error == asio::error::interrupted;
}

}  // namespace

TcpStream::TcpStream(Host& host, asio::ip::tcp::socket socket)
    : host_(host), socket_(std::move(socket)) {
  // Where a call fails the connection is broken already, and reading finds that.
  error_code ignored;
  socket_.non_blocking(true, ignored);
  socket_.set_option(asio::ip::tcp::no_delay{true}, ignored);
}

TcpStream::~TcpStream() {
  TcpStream::cancel();
}

void TcpStream::read_some(asio::mutable_buffer buffer,
                          Completion<void(error_code, std::size_t)> done) {
  read_buffer_ = buffer;
  reader_.wait(host_.pending(), std::move(done));
  wait_readable();
}

void TcpStream::write_some(std::string bytes, Completion<void(error_code, std::size_t)> done) {
  unsent_ = std::move(bytes);
  writer_.wait(host_.pending(), std::move(done));
  wait_writable();
}

void TcpStream::wait_readable() {
  if (std::exchange(awaits_readable_, true)) {
    return;
  }
  // An empty read completes without the peer's doing, so it waits for what is always true.
  const auto readiness = read_buffer_.size() == 0 ? asio::ip::tcp::socket::wait_write
                                                  : asio::ip::tcp::socket::wait_read;
  socket_.async_wait(readiness, lifetime_.guard([this](error_code) {
    awaits_readable_ = false;
    read();
  }));
}

void TcpStream::wait_writable() {
  if (!std::exchange(awaits_writable_, true)) {
    socket_.async_wait(asio::ip::tcp::socket::wait_write, lifetime_.guard([this](error_code) {
      awaits_writable_ = false;
      write();
    }));
  }
}

void TcpStream::read() {
  if (!reader_.is_waiting()) {
    return;
  }
  error_code error;
  const std::size_t count = socket_.read_some(read_buffer_, error);
  if (is_temporary(error)) {
    wait_readable();
  } else {
    reader_.complete(error, count);
  }
}

void TcpStream::write() {
  if (!writer_.is_waiting()) {
    return;
  }
  error_code error;
  const std::size_t count = socket_.write_some(asio::buffer(unsent_), error);
  if (is_temporary(error)) {
    wait_writable();
  } else {
    writer_.complete(error, count);
  }
}

void TcpStream::cancel() {
  TcpStream::cancel_read();
  TcpStream::cancel_write();
}

void TcpStream::cancel_read() {
  cancel_wait(host_.executor(), reader_);
}

void TcpStream::cancel_write() {
  cancel_wait(host_.executor(), writer_);
}

void TcpStream::shutdown_send() {
  error_code ignored;
  socket_.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
}

TcpAcceptor::TcpAcceptor(asio::io_context& context, Host& host, const HostTable& hosts,
                         const Endpoint& endpoint)
    : host_(host), hosts_(hosts), acceptor_(context) {
  acceptor_.open(endpoint.protocol(), open_error_);
  if (!open_error_) {
    acceptor_.set_option(asio::socket_base::reuse_address{true}, open_error_);
  }
  if (!open_error_) {
    acceptor_.bind(endpoint, open_error_);
  }
  if (!open_error_) {
    acceptor_.listen(asio::socket_base::max_listen_connections, open_error_);
  }
}

TcpAcceptor::~TcpAcceptor() {
  cancel_wait(host_.executor(), waiter_);
}

void TcpAcceptor::accept(Completion<void(error_code, ByteStream)> done) {
  waiter_.wait(host_.pending(), std::move(done));
  if (open_error_ || !accepted_.empty()) {
    asio::post(host_.executor(), lifetime_.guard([this] {
      if (!waiter_.is_waiting()) {
        return;
      }
      ByteStream stream;
      if (!open_error_) {
        stream = std::move(accepted_.front());
        accepted_.pop_front();
      }
      waiter_.complete(open_error_, std::move(stream));
    }));
  } else {
    start();
  }
}

void TcpAcceptor::start() {
  if (!std::exchange(is_accepting_, true)) {
    acceptor_.async_accept(lifetime_.guard([this](error_code error, asio::ip::tcp::socket socket) {
      is_accepting_ = false;
      finish(error, std::move(socket));
    }));
  }
}

void TcpAcceptor::finish(error_code error, asio::ip::tcp::socket socket) {
  ByteStream stream;
  if (!error) {
    error_code ignored;
    const HostId peer = hosts_.host_at(socket.remote_endpoint(ignored).address());
    stream =
        ByteStream{host_.executor(), peer, std::make_unique<TcpStream>(host_, std::move(socket))};
  }
  if (waiter_.is_waiting()) {
    waiter_.complete(error, std::move(stream));
  } else if (!error) {
    accepted_.push_back(std::move(stream));
  }
}

}  // namespace windtunnel::live
