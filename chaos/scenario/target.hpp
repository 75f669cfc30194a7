// Targets: which hosts something applies to, "cp-* & zone:a", "!leader", "a follower". Names are
// checked when the scenario is loaded; roles are bound when the fault strikes.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "chaos/scenario/host_directory.hpp"
#include "chaos/scenario/quantity.hpp"
#include "runtime/id.hpp"

namespace windtunnel::chaos {

/// Roles among the control plane's hosts.
enum class Role : std::uint8_t {
  leader,      ///< The host that leads; nobody where there is no leader.
  followers,   ///< All that do not lead.
  a_follower,  ///< One of them, drawn; one that is up if there is one.
  minority,    ///< The most hosts that are no quorum, drawn.
  majority,    ///< All others: within one strike, `minority` and `majority` share no host.
};

struct Target;

/// Hosts by name: braces and globs, "cp-{a,b}", "web-*".
struct NamedHosts {
  std::string pattern;
};
struct InZone {
  std::string zone;
};
struct InRegion {
  std::string region;
};
/// The instances of a service.
struct InService {
  std::string service;
};
struct AllOf {
  std::vector<Target> parts;
};
struct AnyOf {
  std::vector<Target> parts;
};
struct NoneOf {
  std::vector<Target> part;  ///< Exactly one; a vector since a Target cannot hold itself.
};

/// An expression over hosts. '!' binds tighter than '&', '&' tighter than '|'.
struct Target {
  std::variant<NamedHosts, InZone, InRegion, InService, Role, AllOf, AnyOf, NoneOf> node;

  /// Same expression, not merely the same hosts.
  friend bool operator==(const Target& a, const Target& b);
};

/// Reads the grammar only; names are not looked up.
[[nodiscard]] Parsed<Target> parse_target(std::string_view text);

/// The target as parse_target reads it back.
[[nodiscard]] std::string target_text(const Target& target);

/// Whether the hosts depend on when one asks.
[[nodiscard]] bool has_role(const Target& target);

/// What is wrong with a target among these hosts.
struct TargetProblem {
  std::string found;
  std::string expected;
  std::string nearest;
};

/// All names that no host, zone, region or service has; or else that the expression as a whole can
/// match nothing, whoever leads.
[[nodiscard]] std::vector<TargetProblem> check_target(const Target& target,
                                                      const HostDirectory& hosts);

/// The state of the world at one strike. Everything random is drawn once when it is made, so that
/// all targets of a strike agree on who "a follower" and "minority" are. Refers to `hosts`, which
/// must outlive it.
class TargetContext {
 public:
  /// A number below `bound`; RandomStream::below fits.
  using Draw = std::function<std::uint64_t(std::uint64_t bound)>;

  TargetContext(const HostDirectory& hosts, std::optional<HostId> leader, std::vector<HostId> down,
                const Draw& draw);
  /// For targets without roles.
  explicit TargetContext(const HostDirectory& hosts) : hosts_(&hosts) {}

  [[nodiscard]] const HostDirectory& hosts() const { return *hosts_; }
  [[nodiscard]] bool has(Role role, HostId host) const;

 private:
  const HostDirectory* hosts_;
  std::optional<HostId> leader_;
  std::optional<HostId> follower_;
  std::vector<HostId> minority_;
};

/// The hosts that the target means now, ascending.
[[nodiscard]] std::vector<HostId> resolve(const Target& target, const TargetContext& context);

}  // namespace windtunnel::chaos
