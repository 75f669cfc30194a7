// A root's replacement as a procedure: add the new root to what everybody trusts, have it sign, and
// when no certificate of the old one is left in use, take the old one away. Each step waits until
// all workloads have followed the one before; any other order refuses good peers in between.
//
// A core: it looks at what stands in the store and at what workloads have said, and names the next
// thing to do. The order is a value, so that the wrong ones can be tried out.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

#include "models/identity/trust.hpp"

namespace windtunnel::identity {

enum class RotationStep : std::uint8_t { add, switch_issuer, drop };
BOOST_DESCRIBE_ENUM(RotationStep, add, switch_issuer, drop)

/// Whether a step waits until everybody has followed the one before. Only `for_all` is safe.
enum class RotationWait : std::uint8_t { for_all, for_nobody };
BOOST_DESCRIBE_ENUM(RotationWait, for_all, for_nobody)

struct RotationSpec {
  std::vector<RotationStep> steps{RotationStep::add, RotationStep::switch_issuer,
                                  RotationStep::drop};
  RotationWait wait = RotationWait::for_all;
  friend bool operator==(const RotationSpec&, const RotationSpec&) = default;
};
BOOST_DESCRIBE_STRUCT(RotationSpec, (), (steps, wait))

/// As it stands in the replicated store.
struct RotationRecord {
  RotationSpec spec;
  Certificate new_root;
  KeyId old_root{};
  std::uint32_t finished = 0;  ///< Steps that were carried out and, where asked for, followed.
  [[nodiscard]] bool is_over() const { return finished >= spec.steps.size(); }
  friend bool operator==(const RotationRecord&, const RotationRecord&) = default;
};
BOOST_DESCRIBE_STRUCT(RotationRecord, (), (spec, new_root, old_root, finished))

/// What a workload says of itself.
struct WorkloadState {
  std::vector<KeyId> trusted;
  std::optional<KeyId> issuer;  ///< Of its certificate.
  friend bool operator==(const WorkloadState&, const WorkloadState&) = default;
};
BOOST_DESCRIBE_STRUCT(WorkloadState, (), (trusted, issuer))

/// The trust after the present step. Precondition: the rotation is not over.
[[nodiscard]] Trust after_step(const RotationRecord& rotation, Trust trust);

/// Whether one workload has followed the present step. One that has said nothing has not.
[[nodiscard]] bool has_followed(const RotationRecord& rotation,
                                const std::optional<WorkloadState>& workload);

inline constexpr std::string_view kRotationKey = "identity/rotation";

[[nodiscard]] SharedBytes rotation_content_of(const RotationRecord& record);
/// Nothing where the bytes are no rotation, or one whose steps are not the three, each once.
[[nodiscard]] std::optional<RotationRecord> rotation_of(std::string_view content);

/// "add", "switch", "drop".
[[nodiscard]] std::string_view name_of(RotationStep step);

}  // namespace windtunnel::identity
