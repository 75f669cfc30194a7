// Live hosts of one process on one loop, on ephemeral loopback ports, and the messages that the
// tests send between them.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <boost/describe/class.hpp>
#include <gtest/gtest.h>

#include "live/live_host.hpp"

namespace windtunnel::live {

struct Ping {
  static constexpr std::string_view kWireName = "test.ping";
  std::uint64_t number = 0;
  std::string text;
};
BOOST_DESCRIBE_STRUCT(Ping, (), (number, text))

struct Pong {
  static constexpr std::string_view kWireName = "test.pong";
  std::uint64_t number = 0;
};
BOOST_DESCRIBE_STRUCT(Pong, (), (number))

/// Known to the sender only.
struct Unregistered {
  static constexpr std::string_view kWireName = "test.unregistered";
  std::uint64_t number = 0;
};
BOOST_DESCRIBE_STRUCT(Unregistered, (), (number))

/// A directory of its own, gone at the end.
class TemporaryDirectory {
 public:
  TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  ~TemporaryDirectory();
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

class LiveCluster : public ::testing::Test {
 protected:
  static constexpr HostId kA{0};
  static constexpr HostId kB{1};
  static constexpr HostId kNobody{7};

  /// Starts a host that knows the others of this cluster. A second start of one id is a restart, at
  /// the same address.
  LiveHost& start(HostId id, TransportOptions options = {});
  /// Ends a host's process.
  void stop(HostId id) { hosts_.erase(id); }
  [[nodiscard]] LiveHost& host(HostId id) { return *hosts_.at(id); }

  /// Runs the loop until `condition` holds; fails the test where it does not within ten seconds.
  void run_until(const std::function<bool()>& condition);

  /// How often a fact was recorded on `host`, over all its lives.
  [[nodiscard]] int facts(HostId host, std::string_view name) const;

  asio::io_context context_;
  TemporaryDirectory directory_;

 private:
  std::map<HostId, Endpoint> endpoints_;
  std::map<HostId, std::vector<std::string>> facts_;
  std::map<HostId, std::unique_ptr<LiveHost>> hosts_;
};

}  // namespace windtunnel::live
