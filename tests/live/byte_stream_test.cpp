#include <optional>
#include <string>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <gtest/gtest.h>

#include "runtime/timer.hpp"
#include "tests/live/live_cluster.hpp"

namespace windtunnel::live {
namespace {

namespace http = boost::beast::http;

constexpr Port kHttp{80};

class ByteStreamTest : public LiveCluster {
 protected:
  /// Maps the port to one that the kernel chose a moment ago and that is free again.
  void open_port(Port port) {
    asio::ip::tcp::acceptor probe{context_, *parse_endpoint("127.0.0.1:0")};
    const std::uint16_t number = probe.local_endpoint().port();
    probe.close();
    const HostEntry entry{"host-1", host(kB).endpoint(), {{port, number}}};
    host(kA).hosts().add(kB, entry);
    host(kB).hosts().add(kB, entry);
  }
};

asio::awaitable<void> serve_one_request(Acceptor& acceptor) {
  ByteStream stream = co_await acceptor.async_accept(asio::deferred);
  boost::beast::flat_buffer buffer;
  http::request<http::string_body> request;
  co_await http::async_read(stream, buffer, request, asio::deferred);
  http::response<http::string_body> response{http::status::ok, 11};
  response.body() = "you said " + request.body();
  response.prepare_payload();
  co_await http::async_write(stream, response, asio::deferred);
}

asio::awaitable<void> post_request(Host& host, HostId to, std::string text, std::string& answer) {
  ByteStream stream = co_await host.async_connect(to, kHttp, asio::deferred);
  http::request<http::string_body> request{http::verb::post, "/", 11};
  request.body() = std::move(text);
  request.prepare_payload();
  co_await http::async_write(stream, request, asio::deferred);
  boost::beast::flat_buffer buffer;
  http::response<http::string_body> response;
  co_await http::async_read(stream, buffer, response, asio::deferred);
  answer = response.body();
}

TEST_F(ByteStreamTest, CarriesAnHttpRequestOfBeastAndItsResponse) {
  LiveHost& a = start(kA);
  LiveHost& b = start(kB);
  open_port(kHttp);
  Acceptor acceptor = b.listen(kHttp);
  const std::string text(1'000'000, 'q');
  std::string answer;

  spawn(b, serve_one_request(acceptor));
  spawn(a, post_request(a, kB, text, answer));

  run_until([&] { return !answer.empty(); });
  EXPECT_EQ(answer, "you said " + text);
}

TEST_F(ByteStreamTest, IsRefusedWhereNobodyListens) {
  LiveHost& a = start(kA);
  start(kB);
  open_port(kHttp);
  std::optional<error_code> result;

  a.async_connect(kB, kHttp, [&](error_code error, const ByteStream&) { result = error; });

  run_until([&] { return result.has_value(); });
  EXPECT_EQ(*result, asio::error::connection_refused);
}

TEST_F(ByteStreamTest, ReadsTheEndAfterThePeerShutsDown) {
  LiveHost& a = start(kA);
  LiveHost& b = start(kB);
  open_port(kHttp);
  Acceptor acceptor = b.listen(kHttp);
  ByteStream accepted;
  ByteStream connected;
  acceptor.async_accept([&](error_code, ByteStream stream) { accepted = std::move(stream); });
  a.async_connect(kB, kHttp, [&](error_code, ByteStream stream) { connected = std::move(stream); });
  run_until([&] { return accepted.is_open() && connected.is_open(); });
  std::string received(100, '\0');
  std::optional<error_code> end;
  std::size_t count = 0;

  asio::async_write(connected, asio::buffer("last words", 10),
                    [&](error_code, std::size_t) { connected.shutdown_send(); });
  asio::async_read(accepted, asio::buffer(received), [&](error_code error, std::size_t bytes) {
    end = error;
    count = bytes;
  });

  run_until([&] { return end.has_value(); });
  EXPECT_EQ(*end, asio::error::eof);
  EXPECT_EQ(received.substr(0, count), "last words");
}

TEST_F(ByteStreamTest, EndsPendingOperationsWhenCancelled) {
  LiveHost& a = start(kA);
  LiveHost& b = start(kB);
  open_port(kHttp);
  Acceptor acceptor = b.listen(kHttp);
  ByteStream connected;
  a.async_connect(kB, kHttp, [&](error_code, ByteStream stream) { connected = std::move(stream); });
  run_until([&] { return connected.is_open(); });
  std::string buffer(10, '\0');
  std::optional<error_code> end;
  connected.async_read_some(asio::buffer(buffer),
                            [&](error_code error, std::size_t) { end = error; });

  connected.cancel();

  run_until([&] { return end.has_value(); });
  EXPECT_EQ(*end, asio::error::operation_aborted);
}

TEST_F(ByteStreamTest, FailsAtTheFirstAcceptWhereThePortIsTaken) {
  LiveHost& b = start(kB);
  const HostEntry entry{"host-1", b.endpoint(), {{kHttp, b.endpoint().port()}}};
  b.hosts().add(kB, entry);
  Acceptor acceptor = b.listen(kHttp);
  std::optional<error_code> result;

  acceptor.async_accept([&](error_code error, const ByteStream&) { result = error; });

  run_until([&] { return result.has_value(); });
  EXPECT_EQ(*result, asio::error::address_in_use);
}

}  // namespace
}  // namespace windtunnel::live
