#include <algorithm>
#include <array>
#include <cstddef>
#include <iterator>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "chaos/scenario/host_pattern.hpp"
#include "chaos/scenario/nearest_name.hpp"
#include "chaos/scenario/target.hpp"
#include "runtime/check.hpp"

namespace windtunnel::chaos {

namespace {

/// A set of hosts as one flag per host.
using HostSet = std::vector<bool>;

constexpr std::array<std::string_view, 5> kRoleNames{"leader", "followers", "a follower",
                                                     "minority", "majority"};

template <typename Predicate>
HostSet hosts_where(const HostDirectory& hosts, const Predicate& holds) {
  HostSet set(hosts.size());
  for (std::size_t i = 0; i < set.size(); ++i) {
    set[i] = holds(hosts.entries()[i]);
  }
  return set;
}

bool is_glob(std::string_view name) {
  return name.find_first_of("*?") != std::string_view::npos;
}

/// Adds the hosts of a name: a union of thousands of names makes no set for each.
void add_named(HostSet& set, const NamedHosts& named, const HostDirectory& hosts) {
  const auto names = expand_braces(named.pattern);
  for (const ExpandedName& name : std::get<std::vector<ExpandedName>>(names)) {
    if (is_glob(name.name)) {
      for (std::size_t i = 0; i < set.size(); ++i) {
        set[i] = set[i] || glob_matches(name.name, hosts.entries()[i].name);
      }
    } else if (const auto host = hosts.find(name.name)) {
      set[host->value()] = true;
    }
  }
}

HostSet named_hosts(const NamedHosts& named, const HostDirectory& hosts) {
  HostSet set(hosts.size());
  add_named(set, named, hosts);
  return set;
}

HostSet inverted(HostSet set) {
  set.flip();
  return set;
}

HostSet intersection(HostSet a, const HostSet& b) {
  for (std::size_t i = 0; i < a.size(); ++i) {
    a[i] = a[i] && b[i];
  }
  return a;
}

HostSet set_union(HostSet a, const HostSet& b) {
  for (std::size_t i = 0; i < a.size(); ++i) {
    a[i] = a[i] || b[i];
  }
  return a;
}

bool is_empty(const HostSet& set) {
  return std::find(set.begin(), set.end(), true) == set.end();
}

/// Evaluates an expression, given how to evaluate a role.
template <typename RoleHosts>
struct Evaluator {
  const HostDirectory& hosts;
  const RoleHosts& role_hosts;

  HostSet of(const Target& target) const { return std::visit(*this, target.node); }

  HostSet operator()(const NamedHosts& named) const { return named_hosts(named, hosts); }
  HostSet operator()(const InZone& in) const {
    return hosts_where(hosts, [&](const DirectoryEntry& host) { return host.zone == in.zone; });
  }
  HostSet operator()(const InRegion& in) const {
    return hosts_where(hosts, [&](const DirectoryEntry& host) { return host.region == in.region; });
  }
  HostSet operator()(const InService& in) const {
    HostSet set(hosts.size());
    const auto found = hosts.services().find(in.service);
    if (found != hosts.services().end()) {
      for (const HostId host : found->second) {
        set[host.value()] = true;
      }
    }
    return set;
  }
  HostSet operator()(Role role) const { return role_hosts(role); }
  HostSet operator()(const AllOf& all) const {
    HostSet set(hosts.size(), true);
    for (const Target& part : all.parts) {
      set = intersection(std::move(set), of(part));
    }
    return set;
  }
  HostSet operator()(const AnyOf& any) const {
    HostSet set(hosts.size());
    for (const Target& part : any.parts) {
      if (const auto* const named = std::get_if<NamedHosts>(&part.node)) {
        add_named(set, *named, hosts);
      } else {
        set = set_union(std::move(set), of(part));
      }
    }
    return set;
  }
  HostSet operator()(const NoneOf& none) const { return inverted(of(none.part.front())); }
};

/// What an expression can match at most and must match at least, whoever plays which role.
struct Reach {
  HostSet most;
  HostSet least;
};

struct ReachOf {
  const HostDirectory& hosts;

  Reach of(const Target& target) const { return std::visit(*this, target.node); }

  template <typename Static>
  Reach operator()(const Static& node) const {
    const auto no_role = [&](Role) { return HostSet(hosts.size()); };
    const HostSet set = Evaluator<decltype(no_role)>{hosts, no_role}(node);
    return {set, set};
  }
  Reach operator()(Role role) const {
    HostSet most(hosts.size());
    const bool needs_two = role != Role::leader && role != Role::majority;
    const std::vector<HostId>& members = hosts.control_plane();
    const std::size_t needed = role == Role::minority ? 3 : (needs_two ? 2 : 1);
    for (const HostId host : members) {
      most[host.value()] = members.size() >= needed;
    }
    return {most, HostSet(hosts.size())};
  }
  Reach operator()(const AllOf& all) const {
    Reach reach{HostSet(hosts.size(), true), HostSet(hosts.size(), true)};
    for (const Target& target : all.parts) {
      const Reach part = of(target);
      reach = {intersection(std::move(reach.most), part.most),
               intersection(std::move(reach.least), part.least)};
    }
    return reach;
  }
  Reach operator()(const AnyOf& any) const {
    Reach reach{HostSet(hosts.size()), HostSet(hosts.size())};
    for (const Target& target : any.parts) {
      if (const auto* const named = std::get_if<NamedHosts>(&target.node)) {
        add_named(reach.most, *named, hosts);
        add_named(reach.least, *named, hosts);
        continue;
      }
      const Reach part = of(target);
      reach = {set_union(std::move(reach.most), part.most),
               set_union(std::move(reach.least), part.least)};
    }
    return reach;
  }
  Reach operator()(const NoneOf& none) const {
    Reach part = of(none.part.front());
    return {inverted(std::move(part.least)), inverted(std::move(part.most))};
  }
};

/// Looks up every name of an expression.
struct NameChecker {
  const HostDirectory& hosts;
  std::vector<TargetProblem>& problems;

  void check(const Target& target) const { std::visit(*this, target.node); }

  void operator()(const NamedHosts& named) const {
    const auto names = expand_braces(named.pattern);
    for (const ExpandedName& name : std::get<std::vector<ExpandedName>>(names)) {
      if (is_glob(name.name) ? is_empty(named_hosts({name.name}, hosts)) : !hosts.find(name.name)) {
        problems.push_back({fmt::format("\"{}\", which matches no host", name.name),
                            "the name of a host, or a role", nearest_host(name.name)});
        return;
      }
    }
  }
  void operator()(const InZone& in) const {
    check_group("zone", in.zone, groups_by(&DirectoryEntry::zone));
  }
  void operator()(const InRegion& in) const {
    check_group("region", in.region, groups_by(&DirectoryEntry::region));
  }
  void operator()(const InService& in) const {
    std::set<std::string> services;
    for (const auto& [name, members] : hosts.services()) {
      services.insert(name);
    }
    check_group("service", in.service, services);
  }
  void operator()(Role) const {}
  void operator()(const AllOf& all) const { check_parts(all.parts); }
  void operator()(const AnyOf& any) const { check_parts(any.parts); }
  void operator()(const NoneOf& none) const { check_parts(none.part); }

 private:
  void check_parts(const std::vector<Target>& parts) const {
    std::for_each(parts.begin(), parts.end(), [&](const Target& part) { check(part); });
  }

  [[nodiscard]] std::string nearest_host(const std::string& wanted) const {
    std::vector<std::string> names{kRoleNames.begin(), kRoleNames.end()};
    for (const DirectoryEntry& host : hosts.entries()) {
      names.push_back(host.name);
    }
    return nearest_name(wanted, names);
  }

  [[nodiscard]] std::set<std::string> groups_by(std::string DirectoryEntry::*group) const {
    std::set<std::string> groups;
    for (const DirectoryEntry& host : hosts.entries()) {
      groups.insert(host.*group);
    }
    return groups;
  }

  void check_group(std::string_view kind, const std::string& wanted,
                   const std::set<std::string>& groups) const {
    if (!groups.contains(wanted)) {
      const std::vector<std::string> known{groups.begin(), groups.end()};
      const std::string near = nearest_name(wanted, known);
      problems.push_back(
          {fmt::format("\"{}:{}\", which has no host", kind, wanted),
           fmt::format("one of {}:{}", kind, fmt::join(known, fmt::format(", {}:", kind))),
           near.empty() ? "" : fmt::format("{}:{}", kind, near)});
    }
  }
};

}  // namespace

std::vector<TargetProblem> check_target(const Target& target, const HostDirectory& hosts) {
  std::vector<TargetProblem> problems;
  NameChecker{hosts, problems}.check(target);
  if (problems.empty() && is_empty(ReachOf{hosts}.of(target).most)) {
    problems.push_back({fmt::format("\"{}\", which can match no host", target_text(target)),
                        "a target that some host can match", ""});
  }
  return problems;
}

TargetContext::TargetContext(const HostDirectory& hosts, std::optional<HostId> leader,
                             std::vector<HostId> down, const Draw& draw)
    : hosts_(&hosts), leader_(leader) {
  std::vector<HostId> members = hosts.control_plane();
  const auto is_down = [&](HostId host) {
    return std::find(down.begin(), down.end(), host) != down.end();
  };
  std::vector<HostId> followers, alive;
  std::copy_if(members.begin(), members.end(), std::back_inserter(followers),
               [&](HostId host) { return host != leader; });
  std::copy_if(followers.begin(), followers.end(), std::back_inserter(alive),
               [&](HostId host) { return !is_down(host); });
  const std::vector<HostId>& candidates = alive.empty() ? followers : alive;
  if (!candidates.empty()) {
    follower_ = candidates[draw(candidates.size())];
  }
  for (std::size_t i = members.size(); i > 1; --i) {
    std::swap(members[i - 1], members[draw(i)]);
  }
  minority_.assign(members.begin(),
                   members.begin() + static_cast<std::ptrdiff_t>(
                                         (members.size() - (members.empty() ? 0 : 1)) / 2));
}

bool TargetContext::has(Role role, HostId host) const {
  const std::vector<HostId>& members = hosts_->control_plane();
  if (std::find(members.begin(), members.end(), host) == members.end()) {
    return false;
  }
  const bool is_minor = std::find(minority_.begin(), minority_.end(), host) != minority_.end();
  switch (role) {
    case Role::leader:
      return leader_ == host;
    case Role::followers:
      return leader_ != host;
    case Role::a_follower:
      return follower_ == host;
    case Role::minority:
      return is_minor;
    case Role::majority:
      return !is_minor;
  }
  fail_check("a role outside the enumeration", std::source_location::current());
}

std::vector<HostId> resolve(const Target& target, const TargetContext& context) {
  const HostDirectory& hosts = context.hosts();
  const auto role_hosts = [&](Role role) {
    HostSet set(hosts.size());
    for (const HostId host : hosts.control_plane()) {
      set[host.value()] = context.has(role, host);
    }
    return set;
  };
  const HostSet set = Evaluator<decltype(role_hosts)>{hosts, role_hosts}.of(target);
  std::vector<HostId> ids;
  for (std::size_t i = 0; i < set.size(); ++i) {
    if (set[i]) {
      ids.push_back(HostId{static_cast<std::uint32_t>(i)});
    }
  }
  return ids;
}

}  // namespace windtunnel::chaos
