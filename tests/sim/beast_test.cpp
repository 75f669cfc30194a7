// Boost.Beast, unchanged, over simulated byte streams.
#include <boost/asio/as_tuple.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <gtest/gtest.h>

#include "tests/sim/small_world.hpp"

namespace windtunnel::sim {
namespace {

namespace beast = boost::beast;
namespace http = boost::beast::http;

constexpr Port kPort{8080};

asio::awaitable<void> serve_connection(ByteStream stream) {
  beast::flat_buffer buffer;
  for (;;) {
    http::request<http::string_body> request;
    const auto [error, bytes] =
        co_await http::async_read(stream, buffer, request, asio::as_tuple(asio::use_awaitable));
    if (error) {
      co_return;
    }
    http::response<http::string_body> response{http::status::ok, request.version()};
    response.body() = std::string{request.target()} + request.body();
    response.prepare_payload();
    co_await http::async_write(stream, response, asio::use_awaitable);
  }
}

asio::awaitable<void> serve(Host& host) {
  Acceptor acceptor = host.listen(kPort);
  for (;;) {
    ByteStream stream = co_await acceptor.async_accept(asio::use_awaitable);
    spawn(host, serve_connection(std::move(stream)));
  }
}

asio::awaitable<void> fetch(Host& host, std::size_t body_bytes, std::vector<std::string>& bodies) {
  ByteStream stream = co_await host.async_connect(HostId{1}, kPort, asio::use_awaitable);
  beast::flat_buffer buffer;
  for (int i = 0; i < 3; ++i) {
    http::request<http::string_body> request{http::verb::post, "/" + std::to_string(i), 11};
    request.body() = std::string(body_bytes, static_cast<char>('a' + i));
    request.prepare_payload();
    co_await http::async_write(stream, request, asio::use_awaitable);
    http::response<http::string_body> response;
    co_await http::async_read(stream, buffer, response, asio::use_awaitable);
    bodies.push_back(response.body());
  }
}

struct Exchange {
  std::vector<std::string> bodies;
  std::string digest;
};

Exchange exchange(std::size_t body_bytes, std::uint64_t seed) {
  Exchange result;
  SmallWorld world{{.zone_link = {.latency = Uniform{1ms, 3ms}}, .world = {.seed = seed}}};
  world.start(1, [](Host& host, Bundle&) { spawn(host, serve(host)); });
  world.start(0, [&](Host& host, Bundle&) { spawn(host, fetch(host, body_bytes, result.bodies)); });
  world.run_for(10s);
  result.digest = world->digest().hex();
  return result;
}

TEST(Beast, SpeaksHttpBetweenHosts) {
  const Exchange result = exchange(10, 1);
  EXPECT_EQ(result.bodies,
            (std::vector<std::string>{"/0aaaaaaaaaa", "/1bbbbbbbbbb", "/2cccccccccc"}));
}

TEST(Beast, CarriesBodiesLargerThanTheWindow) {
  const Exchange result = exchange(500'000, 1);
  ASSERT_EQ(result.bodies.size(), 3U);
  EXPECT_TRUE(result.bodies[2] == "/2" + std::string(500'000, 'c'));
}

TEST(Beast, GivesTheSameDigestForTheSameSeedOnly) {
  EXPECT_EQ(exchange(100'000, 7).digest, exchange(100'000, 7).digest);
  EXPECT_NE(exchange(100'000, 7).digest, exchange(100'000, 8).digest);
}

}  // namespace
}  // namespace windtunnel::sim
