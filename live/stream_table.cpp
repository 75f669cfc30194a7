#include "live/stream_table.hpp"

#include "live/tcp_stream.hpp"

namespace windtunnel::live {

struct StreamTable::Connecting {
  HostId to;
  asio::ip::tcp::socket socket;
  Waiter<void(error_code, ByteStream)> waiter{};
};

StreamTable::StreamTable(asio::io_context& context, Host& host, const HostTable& hosts,
                         asio::ip::address address)
    : context_(context), host_(host), hosts_(hosts), address_(std::move(address)) {}

StreamTable::~StreamTable() = default;

std::unique_ptr<AcceptorBackend> StreamTable::listen(Port port) {
  const HostEntry* self = hosts_.find(host_.id());
  const Endpoint endpoint{
      address_, self == nullptr ? port.value() : HostTable::stream_endpoint(*self, port).port()};
  return std::make_unique<TcpAcceptor>(context_, host_, hosts_, endpoint);
}

void StreamTable::connect(HostId to, Port port, Completion<void(error_code, ByteStream)> done) {
  const auto connecting =
      connecting_.emplace(connecting_.end(), to, asio::ip::tcp::socket{context_});
  connecting->waiter.wait(host_.pending(), std::move(done));
  const HostEntry* entry = hosts_.find(to);
  if (entry == nullptr) {
    asio::post(context_, lifetime_.guard([this, connecting] {
      finish(connecting, asio::error::host_unreachable);
    }));
    return;
  }
  connecting->socket.async_connect(
      HostTable::stream_endpoint(*entry, port),
      lifetime_.guard([this, connecting](error_code error) { finish(connecting, error); }));
}

void StreamTable::finish(std::list<Connecting>::iterator connecting, error_code error) {
  std::list<Connecting> finished;
  finished.splice(finished.end(), connecting_, connecting);
  if (!connecting->waiter.is_waiting()) {
    return;
  }
  ByteStream stream;
  if (!error) {
    stream = ByteStream{host_.executor(), connecting->to,
                        std::make_unique<TcpStream>(host_, std::move(connecting->socket))};
  }
  connecting->waiter.complete(error, std::move(stream));
}

}  // namespace windtunnel::live
