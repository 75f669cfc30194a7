// What a gate decides by: rules that deny, and data that they refer to. It stands in the replicated
// store, whose revision of it is the bundle's, and is replaced whole.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

#include "models/gate/document.hpp"
#include "models/gate/expression.hpp"
#include "runtime/bytes.hpp"
#include "runtime/instant.hpp"

namespace windtunnel::gate {

/// A change for which the condition holds, or cannot be answered, is denied with these words.
struct Rule {
  std::string deny;
  std::string when;  ///< See expression.hpp.
  friend bool operator==(const Rule&, const Rule&) = default;
};
BOOST_DESCRIBE_STRUCT(Rule, (), (deny, when))

struct Bundle {
  std::vector<Rule> rules;
  Document data;
  friend bool operator==(const Bundle&, const Bundle&) = default;
};
BOOST_DESCRIBE_STRUCT(Bundle, (), (rules, data))

inline constexpr std::string_view kBundleKey = "gate/bundle";

[[nodiscard]] SharedBytes bundle_content_of(const Bundle& bundle);

/// What a gate does with changes while it has no bundle.
enum class WithoutBundle : std::uint8_t { closed, open };
BOOST_DESCRIBE_ENUM(WithoutBundle, closed, open)

struct Decision {
  bool is_allowed = false;
  std::string reason{};        ///< Why not, or why although nobody looked; else empty.
  std::uint64_t revision = 0;  ///< Of the bundle; 0: there was none.
  Duration age{};              ///< Since the gate last knew that it was the present one.
  friend bool operator==(const Decision&, const Decision&) = default;
};
BOOST_DESCRIBE_STRUCT(Decision, (), (is_allowed, reason, revision, age))

/// The bundle that a gate goes by: the last good one, whatever comes later.
class BundleHolder {
 public:
  explicit BundleHolder(WithoutBundle without) : without_(without) {}

  enum class Verdict : std::uint8_t { activated, known, refused };
  /// What the store has at this revision. Revisions only rise; one that cannot be read whole, or
  /// has a rule that is none, is refused whole, and why_not() says why.
  Verdict offer(Instant now, std::uint64_t revision, std::string_view content);
  [[nodiscard]] const std::string& why_not() const { return why_not_; }

  /// Deterministic in the bundle and the input; the first rule that denies gives the reason.
  [[nodiscard]] Decision decide(Instant now, const Document& input) const;
  /// Of the bundle that it goes by; 0 where there is none.
  [[nodiscard]] std::uint64_t revision() const { return revision_; }

 private:
  struct Compiled {
    std::string deny;
    Expression when;
  };

  WithoutBundle without_;
  std::vector<Compiled> rules_;
  Document data_;
  std::uint64_t revision_ = 0;
  std::uint64_t refused_ = 0;  ///< The latest revision that was refused.
  Instant confirmed_at_{};
  std::string why_not_;
};

}  // namespace windtunnel::gate
