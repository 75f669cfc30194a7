// Drives a node's lessor: sweeps while the node leads, has what expired revoked through the log,
// and renews leases once it is proven that the node still leads.
#pragma once

#include <functional>
#include <vector>

#include "models/kv/lease_messages.hpp"
#include "models/kv/lessor.hpp"
#include "models/kv/store.hpp"
#include "runtime/host.hpp"
#include "runtime/timer.hpp"

namespace windtunnel::kv {

class LeaseKeeper {
 public:
  struct Hooks {
    /// Proposes this command. Nobody waits for it.
    std::function<void(const RevokeLease&)> propose;
    /// Asks for proof of leadership; confirm() follows, or refuse() where it cannot be had.
    std::function<void()> ask_for_proof;
  };

  LeaseKeeper(Host& host, const Store& store, LessorOptions options, Hooks hooks);
  LeaseKeeper(const LeaseKeeper&) = delete;
  LeaseKeeper& operator=(const LeaseKeeper&) = delete;

  /// Idempotent: only the change from one to the other does anything.
  void set_leading(bool is_leading, std::optional<HostId> leader);
  void granted(LeaseId id, Duration ttl);
  void revoked(const RevokeLease& revocation);

  /// Waits for proof of leadership: a renewal acknowledged by a node that has been deposed would be
  /// worth nothing. What comes while a proof is under way shares the next one.
  void keep_alive(KeepAliveRequest&& request, const ReplyTo& reply);
  void confirm();
  void refuse(std::optional<HostId> leader);

  [[nodiscard]] const Lessor& lessor() const { return lessor_; }

 private:
  struct Asked {
    KeepAliveRequest request;
    ReplyTo reply;
    Instant at{};
  };

  void sweep();
  void arm();

  Host& host_;
  const Store& store_;
  Lessor lessor_;
  Hooks hooks_;
  std::vector<Asked> asked_;
  std::vector<Asked> awaiting_proof_;
  std::vector<LeaseId> expired_;  // Kept for its memory.
  bool is_armed_ = false;
  Timeout sweeper_;
};

}  // namespace windtunnel::kv
