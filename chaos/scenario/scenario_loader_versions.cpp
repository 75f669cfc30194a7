#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "chaos/measure/record.hpp"
#include "chaos/scenario/nearest_name.hpp"
#include "chaos/scenario/scenario_loader.hpp"
#include "chaos/scenario/scenario_values.hpp"

namespace windtunnel::chaos {

namespace {

constexpr std::uint32_t kFirst = 1;
constexpr std::array kSplitBy{Choice<proxy::SplitBy>{"request", proxy::SplitBy::request},
                              Choice<proxy::SplitBy>{"key", proxy::SplitBy::key}};

std::optional<std::uint32_t> number_of(std::string_view text) {
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool is_plain = !text.empty() && text.front() != '0' && end == text.data() + text.size();
  return error == std::errc{} && is_plain ? std::optional{number} : std::nullopt;
}

/// Takes the version's hosts from those that nobody has claimed yet, where the service's are known.
void claim_hosts(const Block& block, const HostDirectory& hosts, const PlannedService& service,
                 std::vector<HostId>& unclaimed, PlannedVersion& version) {
  version.on = read_hosts(block, "on", hosts);
  if (service.on.empty()) {
    return;
  }
  for (const HostId host : version.on) {
    const auto at = std::lower_bound(unclaimed.begin(), unclaimed.end(), host);
    if (at == unclaimed.end() || *at != host) {
      block.at("on").complain(
          fmt::format("\"{}\", which has no instance of the service, or another version",
                      hosts[host].name),
          "hosts of the service, each in one version");
      return;
    }
    unclaimed.erase(at);
  }
}

PlannedVersion read_version(std::uint32_t number, const Node& node, const HostDirectory& hosts,
                            const PlannedService& service, std::vector<HostId>& unclaimed) {
  PlannedVersion version;
  version.version = number;
  version.service_time = service.service_time;
  version.errors = service.errors;
  const Block block{node, keys::version};
  block.optional("service_time", version.service_time);
  block.optional("errors", version.errors);
  if (number != kFirst) {
    claim_hosts(block, hosts, service, unclaimed, version);
  } else if (block.has("on")) {
    block.at("on").complain_about_key("\"on\" of version 1",
                                      "nothing: it has the hosts that no other version has");
  }
  return version;
}

PlannedVersion* find_version(PlannedService& service, std::uint32_t number) {
  const auto found =
      std::find_if(service.versions.begin(), service.versions.end(),
                   [&](const PlannedVersion& version) { return version.version == number; });
  return found == service.versions.end() ? nullptr : &*found;
}

void read_all(const Node& node, const HostDirectory& hosts, PlannedService& service) {
  std::vector<HostId> unclaimed = service.on;
  for (const auto& [key, member] : node.members("versions by number")) {
    const std::optional<std::uint32_t> number = number_of(key);
    if (!number) {
      member.complain_about_key(fmt::format("\"{}\"", key), "the number of a version, from 1");
      continue;
    }
    service.versions.push_back(read_version(*number, member, hosts, service, unclaimed));
  }
  if (find_version(service, kFirst) == nullptr) {
    service.versions.push_back({kFirst, {}, service.service_time, service.errors});
  }
  find_version(service, kFirst)->on = std::move(unclaimed);
  if (service.versions.size() >= kVersionsMax) {
    node.complain(fmt::format("{} versions", service.versions.size()),
                  fmt::format("at most {}, the first included", kVersionsMax - 1));
  }
  std::sort(service.versions.begin(), service.versions.end(),
            [](const auto& a, const auto& b) { return a.version < b.version; });
}

proxy::TrafficSplit whole_to_first(const PlannedService& service) {
  proxy::TrafficSplit split;
  split.service = service.name;
  for (const PlannedVersion& version : service.versions) {
    split.shares.push_back({version.version, version.version == kFirst ? proxy::kWholeInParts : 0});
  }
  return split;
}

void read_shares(const Node& node, const PlannedService& service, proxy::TrafficSplit& split) {
  std::vector<std::string> names;
  std::uint64_t sum = 0;
  for (proxy::VersionShare& share : split.shares) {
    share.share = 0;
    names.push_back(std::to_string(share.version));
  }
  const std::size_t problems_before = node.reading().problems;
  for (const auto& [key, member] : node.members("shares by version")) {
    const auto at = std::find(names.begin(), names.end(), key);
    if (at == names.end()) {
      member.complain_about_key(fmt::format("\"{}\", which is no version of {}", key, service.name),
                                fmt::format("one of {}", fmt::join(names, ", ")),
                                nearest_name(key, names));
      continue;
    }
    Share share;
    read_value(member, share);
    split.shares[static_cast<std::size_t>(at - names.begin())].share =
        static_cast<proxy::PartsPerBillion>(share.billionths);
    sum += static_cast<std::uint64_t>(share.billionths);
  }
  if (sum != proxy::kWholeInParts && node.reading().problems == problems_before) {
    node.complain(
        fmt::format("shares of {} in sum", quantity_text(Share{static_cast<std::int64_t>(sum)})),
        "100% in sum");
  }
}

/// Whether a split gives requests to version 1, to which the others have left no host.
bool asks_the_deserted(PlannedService& service, const proxy::TrafficSplit& split) {
  const PlannedVersion* const first = find_version(service, kFirst);
  return first != nullptr && first->on.empty() && !service.on.empty() &&
         proxy::share_of(split, kFirst) > 0;
}

std::optional<proxy::TrafficSplit> read_split(const Node& node, PlannedService service) {
  if (!service.split) {
    node.complain_about_key(fmt::format("\"{}\", which has no versions", service.name),
                            "a service with versions");
    return std::nullopt;
  }
  proxy::TrafficSplit split = *service.split;
  const std::size_t problems_before = node.reading().problems;
  read_shares(node, service, split);
  if (node.reading().problems == problems_before && asks_the_deserted(service, split)) {
    node.complain("requests for version 1, to which the others leave no host",
                  "shares of versions that have hosts");
  }
  return split;
}

/// Version 1 has the hosts that no other version has, and that may be none.
void check_first(const Block& block, PlannedService& service) {
  const proxy::PartsPerBillion share = proxy::share_of(*service.split, kFirst);
  if (!find_version(service, kFirst)->on.empty() || service.on.empty() || share == 0) {
    return;
  }
  const Node node = block.at(block.has("split") ? "split" : "versions");
  node.complain(fmt::format("no host of version 1, which has {} of the requests",
                            quantity_text(Share{share})),
                "a host that no other version has, or a \"split\" that leaves version 1 out");
}

}  // namespace

void read_versions(const Block& block, const HostDirectory& hosts, PlannedService& service) {
  if (!block.has("versions")) {
    for (const std::string_view key : {"split", "split_by"}) {
      if (block.has(key)) {
        block.at(key).complain_about_key(fmt::format("\"{}\" without \"versions\"", key),
                                         "\"versions\", which it divides");
      }
    }
    return;
  }
  const std::size_t problems_before = block.node().reading().problems;
  read_all(block.at("versions"), hosts, service);
  service.split = whole_to_first(service);
  if (block.has("split")) {
    read_shares(block.at("split"), service, *service.split);
  }
  if (block.node().reading().problems == problems_before) {
    check_first(block, service);
  }
  block.optional("split_by", service.split->by, std::span<const Choice<proxy::SplitBy>>{kSplitBy});
}

std::vector<proxy::TrafficSplit> read_splits(const Node& node,
                                             const std::vector<PlannedService>& services) {
  std::vector<proxy::TrafficSplit> splits;
  for (const auto& [key, member] : node.members("splits by service")) {
    check_service_in_key(member, key, services);
    const auto service = std::find_if(services.begin(), services.end(),
                                      [&](const PlannedService& s) { return s.name == key; });
    if (service == services.end()) {
      continue;
    }
    if (std::optional<proxy::TrafficSplit> split = read_split(member, *service)) {
      splits.push_back(std::move(*split));
    }
  }
  if (node.json().is_object() && node.json().empty()) {
    node.complain("no split", "a split of some service");
  }
  return splits;
}

}  // namespace windtunnel::chaos
