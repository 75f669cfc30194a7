// The byte streams of one live host: plain TCP connections, whose bytes are the user's alone. The
// peer of an accepted stream is known only where its address belongs to one host of the table.
#pragma once

#include <list>
#include <memory>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "live/host_table.hpp"
#include "live/lifetime.hpp"
#include "runtime/host.hpp"

namespace windtunnel::live {

class StreamTable {
 public:
  /// `address` is where ports are opened.
  StreamTable(asio::io_context& context, Host& host, const HostTable& hosts,
              asio::ip::address address);
  StreamTable(const StreamTable&) = delete;
  StreamTable& operator=(const StreamTable&) = delete;
  ~StreamTable();

  /// A port that cannot be opened fails at its first accept.
  [[nodiscard]] std::unique_ptr<AcceptorBackend> listen(Port port);
  void connect(HostId to, Port port, Completion<void(error_code, ByteStream)> done);

 private:
  struct Connecting;

  void finish(std::list<Connecting>::iterator connecting, error_code error);

  asio::io_context& context_;
  Host& host_;
  const HostTable& hosts_;
  asio::ip::address address_;
  std::list<Connecting> connecting_;
  Lifetime lifetime_;
};

}  // namespace windtunnel::live
