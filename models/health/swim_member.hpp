// A host's membership in a SWIM group: drives the core with messages and time, states deaths as
// facts, and tells whoever listens on the same host.
#pragma once

#include <functional>
#include <set>
#include <vector>

#include "models/health/swim.hpp"
#include "runtime/host.hpp"
#include "runtime/timer.hpp"

namespace windtunnel::health {

struct SwimMemberOptions {
  SwimOptions swim{};
  std::vector<HostId> group;  ///< Known beforehand; this member may be among them.
  /// Members, at random, that are asked for all they know at the start: one that comes back hears
  /// from them that it was taken for dead, and contradicts.
  std::size_t contacts = 3;
};

class SwimMember {
 public:
  /// `on_change` hears of each other member that is found dead, or alive again.
  using OnChange = std::function<void(HostId member, bool is_alive)>;

  SwimMember(Host& host, const SwimMemberOptions& options, OnChange on_change);
  SwimMember(const SwimMember&) = delete;
  SwimMember& operator=(const SwimMember&) = delete;

 private:
  void join_some(const SwimMemberOptions& options);
  void step(const SwimMessage& message);
  void attend();
  /// What the core has to say, after each thing that it heard.
  void follow();
  void tell(const MembershipChanged& change);

  Host& host_;
  OnChange on_change_;
  Swim swim_;
  std::set<HostId> dead_;
  Timeout due_;
  Subscription messages_;
};

}  // namespace windtunnel::health
