#include "models/identity/begin_rotation.hpp"

#include <optional>
#include <string>
#include <utility>

#include "models/config/document.hpp"
#include "runtime/timer.hpp"

namespace windtunnel::identity {

namespace {

/// The rotation that follows the one that stands there; `present` is nothing where none ever did.
RotationRecord next_rotation(const Host& host, const std::optional<RotationRecord>& present,
                             const RotationSpec& spec, const IssuingOptions& issuing) {
  RotationRecord next;
  next.spec = spec;
  next.old_root = present ? present->new_root.key : first_trust(issuing.trust_domain).issuer;
  next.new_root = make_root(KeyId{next.old_root.value() + 1}, issuing.trust_domain, host.wall_now(),
                            issuing.backdate);
  return next;
}

}  // namespace

asio::awaitable<KeyId> begin_rotation(Host& host, kv::Client& client, RotationSpec spec,
                                      IssuingOptions issuing) {
  constexpr Duration kPause = std::chrono::milliseconds{100};
  // What the last attempt, of which nobody knows how it ended, would have left there.
  std::optional<SharedBytes> attempted;
  for (;; co_await sleep_for(host, kPause)) {
    const auto read = co_await client.read(std::string{kRotationKey});
    if (read.outcome != kv::Outcome::ok) {
      continue;
    }
    const std::optional<RotationRecord> present = rotation_of(read.response.value.view());
    if (attempted && present && rotation_of(attempted->view())->new_root == present->new_root) {
      co_return present->new_root.key;
    }
    if (present && !present->is_over()) {
      continue;
    }
    RotationRecord next = next_rotation(host, present, spec, issuing);
    kv::ChangeRequest request;
    request.key = std::string{kRotationKey};
    request.value = rotation_content_of(next);
    request.expected = read.response.revision;
    attempted = request.value;
    const auto written = co_await client.change(std::move(request));
    if (written.outcome == kv::Outcome::ok && written.response.outcome == kv::ChangeOutcome::done) {
      co_return next.new_root.key;
    }
  }
}

}  // namespace windtunnel::identity
