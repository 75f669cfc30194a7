#include "chaos/measure/address_measures.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "runtime/check.hpp"

namespace windtunnel::chaos {

namespace {

struct Change {
  TrueInstant at;
  HostId host;
  bool is_held = false;
};

bool ends_processes(const FaultRecord& strike) {
  return strike.kind == "crash" || strike.kind == "host_loss";
}

std::set<std::string> addresses_of(const RunRecord& record) {
  std::set<std::string> addresses;
  for (const AddressRecord& change : record.addresses) {
    addresses.insert(change.address);
  }
  return addresses;
}

/// Who took and yielded the address by time, where a host that ends yields everything.
std::vector<Change> changes_of(const RunRecord& record, const std::string& address) {
  std::vector<Change> changes;
  for (const FaultRecord& strike : record.faults) {
    for (const HostId host : strike.targets) {
      if (ends_processes(strike)) {
        changes.push_back({strike.injected_at, host, false});
      }
    }
  }
  for (const AddressRecord& change : record.addresses) {
    if (change.address == address) {
      changes.push_back({change.at, change.host, change.is_held});
    }
  }
  std::ranges::stable_sort(changes, {}, &Change::at);
  return changes;
}

/// How long `counts` held of the number of holders, within the window.
template <typename Counts>
Duration time_with(const std::vector<Change>& changes, const TimeWindow& window, Counts counts) {
  std::set<HostId> holders;
  TrueInstant since{};
  Duration sum{};
  const auto add_until = [&](TrueInstant until) {
    const TrueInstant from = std::max(since, window.from);
    const TrueInstant to = std::min(until, window.to);
    if (from < to && counts(holders.size())) {
      sum += to - from;
    }
    since = until;
  };
  for (const Change& change : changes) {
    add_until(change.at);
    if (change.is_held) {
      holders.insert(change.host);
    } else {
      holders.erase(change.host);
    }
  }
  add_until(std::max(window.to, since));
  return sum;
}

template <typename Counts>
MeasureValue time_over_addresses(const RunRecord& record, const TimeWindow& window, Counts counts) {
  const std::set<std::string> addresses = addresses_of(record);
  if (addresses.empty()) {
    return not_applicable("no virtual address was ever held");
  }
  Duration sum{};
  for (const std::string& address : addresses) {
    sum += time_with(changes_of(record, address), window, counts);
  }
  return measured(sum, addresses.size());
}

/// Those that hold the address just before an instant.
std::set<HostId> holders_before(const std::vector<Change>& changes, TrueInstant at) {
  std::set<HostId> holders;
  for (const Change& change : changes) {
    if (change.at >= at) {
      break;
    }
    if (change.is_held) {
      holders.insert(change.host);
    } else {
      holders.erase(change.host);
    }
  }
  return holders;
}

/// From the fault until a host took the address that did not hold it before. The longest, where
/// several addresses moved.
MeasureValue failover(const RunRecord& record, const FaultGroup& fault) {
  std::optional<Duration> longest;
  std::uint64_t moved = 0;
  for (const std::string& address : addresses_of(record)) {
    const std::vector<Change> changes = changes_of(record, address);
    const std::set<HostId> before = holders_before(changes, fault.injected_at);
    const auto taken = std::ranges::find_if(changes, [&](const Change& change) {
      return change.is_held && fault.window.contains(change.at) && !before.contains(change.host);
    });
    if (taken != changes.end()) {
      longest = std::max(longest.value_or(Duration::zero()), taken->at - fault.injected_at);
      ++moved;
    }
  }
  return longest ? measured(*longest, moved) : not_applicable("no virtual address moved");
}

}  // namespace

MeasureValue two_holders(const RunRecord& record, const TimeWindow& window) {
  return time_over_addresses(record, window, [](std::size_t holders) { return holders >= 2; });
}

MeasureValue no_holder(const RunRecord& record, const TimeWindow& window) {
  return time_over_addresses(record, window, [](std::size_t holders) { return holders == 0; });
}

MeasureValue address_measure(const RunRecord& record, std::string_view measure,
                             const FaultGroup& fault) {
  if (measure == "virtual_address.two_holders") {
    return two_holders(record, fault.window);
  }
  if (measure == "virtual_address.no_holder") {
    return no_holder(record, fault.window);
  }
  check(measure == "virtual_address.failover",
        "this measure of virtual addresses is in the catalogue only");
  return failover(record, fault);
}

}  // namespace windtunnel::chaos
