#include "chaos/scenario/target.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

#include <fmt/format.h>

#include "chaos/scenario/host_pattern.hpp"
#include "runtime/check.hpp"

namespace windtunnel::chaos {

namespace {

constexpr std::size_t kTargetDepthMax = 32;

struct RoleName {
  std::string_view name;
  Role role;
};

constexpr std::array kRoles{
    RoleName{"leader", Role::leader}, RoleName{"followers", Role::followers},
    RoleName{"a follower", Role::a_follower}, RoleName{"minority", Role::minority},
    RoleName{"majority", Role::majority}};

bool is_operator(char c) {
  return c == '&' || c == '|' || c == '!' || c == '(' || c == ')';
}

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(' ');
  return first == std::string_view::npos
             ? std::string_view{}
             : text.substr(first, text.find_last_not_of(' ') - first + 1);
}

/// Letters, digits and what braces and globs need.
bool is_host_pattern(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return is_plain_name({&c, 1}) || std::string_view{"*?{},"}.find(c) != std::string_view::npos;
  });
}

/// Recursive descent: any_of := all_of ('|' all_of)*, all_of := factor ('&' factor)*.
class TargetParser {
 public:
  explicit TargetParser(std::string_view text) : rest_(text) {}

  std::optional<Target> parse() {
    std::optional<Target> target = any_of();
    return rest_.empty() ? std::move(target) : std::nullopt;
  }

 private:
  std::optional<Target> any_of() { return chain<AnyOf>('|', &TargetParser::all_of); }
  std::optional<Target> all_of() { return chain<AllOf>('&', &TargetParser::factor); }

  template <typename Node>
  std::optional<Target> chain(char sign, std::optional<Target> (TargetParser::*part)()) {
    Node node;
    do {
      std::optional<Target> next = (this->*part)();
      if (!next) {
        return std::nullopt;
      }
      node.parts.push_back(std::move(*next));
    } while (accept(sign));
    return node.parts.size() == 1 ? std::move(node.parts.front()) : Target{std::move(node)};
  }

  std::optional<Target> factor() {
    if (++depth_ > kTargetDepthMax) {
      return std::nullopt;
    }
    std::optional<Target> target;
    if (accept('!')) {
      if (std::optional<Target> part = factor()) {
        NoneOf none;
        none.part.push_back(std::move(*part));
        target = Target{std::move(none)};
      }
    } else if (accept('(')) {
      target = any_of();
      target = accept(')') ? std::move(target) : std::nullopt;
    } else {
      target = name();
    }
    --depth_;
    return target;
  }

  std::optional<Target> name() {
    const auto end = std::find_if(rest_.begin(), rest_.end(), is_operator);
    const auto length = static_cast<std::size_t>(end - rest_.begin());
    const std::string_view word = trimmed(rest_.substr(0, length));
    rest_.remove_prefix(length);
    const auto role = std::find_if(kRoles.begin(), kRoles.end(),
                                   [&](const RoleName& r) { return r.name == word; });
    if (role != kRoles.end()) {
      return Target{role->role};
    }
    if (word.starts_with("zone:") && is_plain_name(word.substr(5))) {
      return Target{InZone{std::string{word.substr(5)}}};
    }
    if (word.starts_with("region:") && is_plain_name(word.substr(7))) {
      return Target{InRegion{std::string{word.substr(7)}}};
    }
    if (word.starts_with("service:") && is_plain_name(word.substr(8))) {
      return Target{InService{std::string{word.substr(8)}}};
    }
    const bool fits = !word.empty() && is_host_pattern(word) &&
                      std::holds_alternative<std::vector<ExpandedName>>(expand_braces(word));
    return fits ? std::optional{Target{NamedHosts{std::string{word}}}} : std::nullopt;
  }

  bool accept(char sign) {
    const std::size_t blanks = std::min(rest_.find_first_not_of(' '), rest_.size());
    const bool found = blanks < rest_.size() && rest_[blanks] == sign;
    rest_.remove_prefix(found || blanks == rest_.size() ? blanks + (found ? 1 : 0) : 0);
    return found;
  }

  std::string_view rest_;
  std::size_t depth_ = 0;
};

std::string joined(const std::vector<Target>& parts, std::string_view sign) {
  std::string text;
  for (const Target& part : parts) {
    const bool nested =
        std::holds_alternative<AllOf>(part.node) || std::holds_alternative<AnyOf>(part.node);
    text += text.empty() ? "" : sign;
    text += nested ? fmt::format("({})", target_text(part)) : target_text(part);
  }
  return text;
}

struct TargetPrinter {
  std::string operator()(const NamedHosts& hosts) const { return hosts.pattern; }
  std::string operator()(const InZone& in) const { return "zone:" + in.zone; }
  std::string operator()(const InRegion& in) const { return "region:" + in.region; }
  std::string operator()(const InService& in) const { return "service:" + in.service; }
  std::string operator()(Role role) const {
    return std::string{kRoles[static_cast<std::size_t>(role)].name};
  }
  std::string operator()(const AllOf& all) const { return joined(all.parts, " & "); }
  std::string operator()(const AnyOf& any) const { return joined(any.parts, " | "); }
  std::string operator()(const NoneOf& none) const { return "!" + joined(none.part, ""); }
};

struct RoleFinder {
  template <typename Node>
  bool operator()(const Node&) const {
    return false;
  }
  bool operator()(Role) const { return true; }
  bool operator()(const AllOf& all) const { return any(all.parts); }
  bool operator()(const AnyOf& any_of) const { return any(any_of.parts); }
  bool operator()(const NoneOf& none) const { return any(none.part); }
  static bool any(const std::vector<Target>& parts) {
    return std::any_of(parts.begin(), parts.end(), has_role);
  }
};

}  // namespace

bool operator==(const Target& a, const Target& b) {
  return target_text(a) == target_text(b);
}

Parsed<Target> parse_target(std::string_view text) {
  if (std::optional<Target> target = TargetParser{text}.parse()) {
    return std::move(*target);
  }
  return Complaint{
      "a target such as \"cp-*\", \"zone:a\", \"leader\", \"a follower\" or \"cp-* & !leader\"",
      ""};
}

std::string target_text(const Target& target) {
  return std::visit(TargetPrinter{}, target.node);
}

bool has_role(const Target& target) {
  return std::visit(RoleFinder{}, target.node);
}

}  // namespace windtunnel::chaos
