#include "models/kv/lease_keeper.hpp"

#include <utility>

namespace windtunnel::kv {

LeaseKeeper::LeaseKeeper(Host& host, const Store& store, LessorOptions options, Hooks hooks)
    : host_(host),
      store_(store),
      lessor_(options),
      hooks_(std::move(hooks)),
      sweeper_(host, [this] { sweep(); }) {}

void LeaseKeeper::set_leading(bool is_leading, std::optional<HostId> leader) {
  if (is_leading == lessor_.is_primary()) {
    return;
  }
  if (is_leading) {
    lessor_.promote(host_.now(), store_.leases());
    arm();
  } else {
    lessor_.demote();
    refuse(leader);
  }
}

void LeaseKeeper::granted(LeaseId id, Duration ttl) {
  lessor_.grant(host_.now(), id, ttl);
  arm();
}

void LeaseKeeper::revoked(const RevokeLease& revocation) {
  if (lessor_.is_primary()) {
    host_.journal().record(LeaseRevoked{revocation.id, revocation.reason == RevokeReason::expired});
  }
  lessor_.remove(revocation.id);
}

void LeaseKeeper::arm() {
  if (!is_armed_ && lessor_.is_primary() && !store_.leases().all().empty()) {
    is_armed_ = true;
    sweeper_.expires_after(lessor_.options().sweep);
  }
}

void LeaseKeeper::sweep() {
  is_armed_ = false;
  expired_.clear();
  lessor_.collect_expired(host_.now(), expired_);
  arm();
  // Proposing may apply at once, and refusing may end the leadership: not expired_ itself.
  for (const LeaseId id : std::vector<LeaseId>{expired_}) {
    hooks_.propose({id, RevokeReason::expired});
  }
}

void LeaseKeeper::keep_alive(KeepAliveRequest&& request, const ReplyTo& reply) {
  asked_.push_back({std::move(request), reply, host_.now()});
  if (awaiting_proof_.empty()) {
    awaiting_proof_.swap(asked_);
    hooks_.ask_for_proof();
  }
}

void LeaseKeeper::confirm() {
  const Instant now = host_.now();
  for (const Asked& asked : std::exchange(awaiting_proof_, {})) {
    KeepAliveResponse response{Status::ok, host_.id(), {}};
    for (const LeaseId id : asked.request.leases) {
      response.ttls.push_back(lessor_.renew(asked.at, now, id).value_or(Duration::zero()));
    }
    host_.messages().reply(asked.reply, std::move(response));
  }
  if (!asked_.empty()) {
    awaiting_proof_.swap(asked_);
    hooks_.ask_for_proof();
  }
}

void LeaseKeeper::refuse(std::optional<HostId> leader) {
  for (auto* refused : {&awaiting_proof_, &asked_}) {
    for (const Asked& asked : std::exchange(*refused, {})) {
      host_.messages().reply(asked.reply, KeepAliveResponse{Status::not_leader, leader, {}});
    }
  }
}

}  // namespace windtunnel::kv
