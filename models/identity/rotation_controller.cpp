#include "models/identity/rotation_controller.hpp"

#include "models/identity/facts.hpp"
#include "runtime/timer.hpp"

namespace windtunnel::identity {

RotationController::RotationController(Host& host, const kv::Node& node,
                                       RotationControllerOptions options)
    : host_(host),
      node_(node),
      options_(std::move(options)),
      client_(host, {.nodes = options_.nodes}),
      configuration_(host, client_) {
  reports_ = host.messages().on<WorkloadReport>([this](HostId, WorkloadReport& report) {
    workloads_.insert_or_assign(std::move(report.workload), std::move(report.state));
  });
  spawn(host, run());
}

asio::awaitable<void> RotationController::run() {
  for (;;) {
    co_await sleep_for(host_, options_.tick);
    if (node_.is_leader()) {
      co_await advance();
    }
  }
}

asio::awaitable<void> RotationController::advance() {
  const kv::Version* const found = node_.store().find(kRotationKey);
  const std::optional<RotationRecord> rotation =
      found == nullptr ? std::nullopt : rotation_of(found->value);
  if (!rotation) {
    co_return;
  }
  state_fact(*rotation);
  if (rotation->is_over()) {
    co_return;
  }
  const kv::Version* const trusted = node_.store().find(config::key_of(kTrustDocument));
  const std::uint64_t rotation_revision = found->revision;
  const std::uint64_t trust_revision = trusted == nullptr ? 0 : trusted->revision;
  const std::optional<Trust> trust =
      trusted == nullptr ? first_trust(options_.trust_domain) : trust_of(trusted->value);
  check(trust.has_value(), "nobody writes anything else there");
  const Trust wanted = after_step(*rotation, *trust);
  if (wanted != *trust) {
    co_await write_trust(wanted, trust_revision);
  } else if (rotation->spec.wait == RotationWait::for_nobody || have_all_followed(*rotation)) {
    co_await finish_step(*rotation, rotation_revision);
  }
}

asio::awaitable<void> RotationController::write_trust(const Trust& trust, std::uint64_t expected) {
  SharedBytes content = trust_content_of(trust);
  // Whatever came of it, the store will say at the next tick.
  co_await configuration_.write(std::string{kTrustDocument}, std::move(content), expected);
}

asio::awaitable<void> RotationController::finish_step(RotationRecord rotation,
                                                      std::uint64_t expected) {
  ++rotation.finished;
  kv::ChangeRequest request;
  request.key = std::string{kRotationKey};
  request.value = rotation_content_of(rotation);
  request.expected = expected;
  co_await client_.change(std::move(request));
}

bool RotationController::have_all_followed(const RotationRecord& rotation) const {
  kv::ScanRequest all;
  all.prefix = kIssuedPrefix;
  all.limit = std::numeric_limits<std::uint32_t>::max();
  for (const kv::KeyAndValue& entry : node_.store().scan(all).found) {
    const std::optional<IssuedRecord> issued = issued_of(entry.value.view());
    if (!issued || issued->not_after <= host_.wall_now()) {
      continue;  // Whoever that was has nothing to show any more.
    }
    const auto said = workloads_.find(std::string_view{entry.key}.substr(kIssuedPrefix.size()));
    const std::optional<WorkloadState> state =
        said == workloads_.end() ? std::nullopt : std::optional{said->second};
    if (!has_followed(rotation, state)) {
      return false;
    }
  }
  return true;
}

void RotationController::state_fact(const RotationRecord& rotation) {
  const std::pair<KeyId, std::uint32_t> now{rotation.new_root.key, rotation.finished};
  if (stated_ != now) {
    stated_ = now;
    host_.journal().record(RotationMoved{rotation.new_root.key, rotation.finished,
                                         static_cast<std::uint32_t>(rotation.spec.steps.size())});
  }
}

}  // namespace windtunnel::identity
