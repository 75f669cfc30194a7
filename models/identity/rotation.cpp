#include "models/identity/rotation.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "runtime/check.hpp"
#include "runtime/codec.hpp"

namespace windtunnel::identity {

namespace {

bool trusts(const WorkloadState& workload, KeyId key) {
  return std::find(workload.trusted.begin(), workload.trusted.end(), key) != workload.trusted.end();
}

RotationStep present_step(const RotationRecord& rotation) {
  check(!rotation.is_over(), "a rotation that is over has no step");
  return rotation.spec.steps[rotation.finished];
}

/// The three steps, each once.
bool is_sound(const RotationSpec& spec) {
  constexpr std::array kAll{RotationStep::add, RotationStep::switch_issuer, RotationStep::drop};
  return std::is_permutation(spec.steps.begin(), spec.steps.end(), kAll.begin(), kAll.end());
}

}  // namespace

Trust after_step(const RotationRecord& rotation, Trust trust) {
  switch (present_step(rotation)) {
    case RotationStep::add:
      if (find_root(trust, rotation.new_root.key) == nullptr) {
        trust.roots.push_back(rotation.new_root);
      }
      break;
    case RotationStep::switch_issuer:
      trust.issuer = rotation.new_root.key;
      break;
    case RotationStep::drop:
      std::erase_if(trust.roots,
                    [&](const Certificate& root) { return root.key == rotation.old_root; });
      break;
  }
  return trust;
}

bool has_followed(const RotationRecord& rotation, const std::optional<WorkloadState>& workload) {
  if (!workload) {
    return false;
  }
  switch (present_step(rotation)) {
    case RotationStep::add:
      return trusts(*workload, rotation.new_root.key);
    case RotationStep::switch_issuer:
      return workload->issuer == rotation.new_root.key;
    case RotationStep::drop:
      return !trusts(*workload, rotation.old_root);
  }
  return false;
}

SharedBytes rotation_content_of(const RotationRecord& record) {
  return SharedBytes{encoded(record)};
}

std::optional<RotationRecord> rotation_of(std::string_view content) {
  std::optional<RotationRecord> record = decoded<RotationRecord>(content);
  return record && is_sound(record->spec) ? record : std::nullopt;
}

std::string_view name_of(RotationStep step) {
  constexpr std::array<std::string_view, 3> kNames{"add", "switch", "drop"};
  return kNames[static_cast<std::size_t>(step)];
}

}  // namespace windtunnel::identity
