// What happened to the configuration, stage by stage: committed, settled (debounced), pushed,
// applied or refused.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <boost/describe/class.hpp>

#include "runtime/id.hpp"
#include "runtime/instant.hpp"

namespace windtunnel::config {

/// A writer was told that its document is committed.
struct ConfigCommitted {
  static constexpr std::string_view kWireName = "config.committed";
  std::string name;
  std::uint64_t revision = 0;
  Duration took{};
};
BOOST_DESCRIBE_STRUCT(ConfigCommitted, (), (name, revision, took))

/// A document that is fed from elsewhere in the store has changed, as this node learned.
struct ConfigFed {
  static constexpr std::string_view kWireName = "config.fed";
  std::string name;
  std::uint64_t revision = 0;
  bool removed = false;
};
BOOST_DESCRIBE_STRUCT(ConfigFed, (), (name, revision, removed))

/// A node's debounce has ended: this is the version that it pushes now.
struct ConfigSettled {
  static constexpr std::string_view kWireName = "config.settled";
  std::uint64_t revision = 0;
  std::uint64_t subscribers = 0;
};
BOOST_DESCRIBE_STRUCT(ConfigSettled, (), (revision, subscribers))

/// A subscriber has acknowledged a push; times by the node's clock, from the first change in it.
struct ConfigPushed {
  static constexpr std::string_view kWireName = "config.pushed";
  HostId subscriber{};
  std::uint64_t revision = 0;
  Duration debounce{};
  Duration queue{};
  Duration push{};
};
BOOST_DESCRIBE_STRUCT(ConfigPushed, (), (subscriber, revision, debounce, queue, push))

/// A subscriber refused a version, as its node learned.
struct ConfigRefused {
  static constexpr std::string_view kWireName = "config.refused";
  HostId subscriber{};
  std::uint64_t revision = 0;
  std::string reason;
};
BOOST_DESCRIBE_STRUCT(ConfigRefused, (), (subscriber, revision, reason))

/// A version has come whose putting into effect takes this host time.
struct ConfigReceived {
  static constexpr std::string_view kWireName = "config.received";
  std::uint64_t revision = 0;
  std::uint64_t documents = 0;  ///< That it brings or takes away.
};
BOOST_DESCRIBE_STRUCT(ConfigReceived, (), (revision, documents))

/// This host has applied a version.
struct ConfigApplied {
  static constexpr std::string_view kWireName = "config.applied";
  std::uint64_t revision = 0;
  std::uint64_t before = 0;
};
BOOST_DESCRIBE_STRUCT(ConfigApplied, (), (revision, before))

}  // namespace windtunnel::config
