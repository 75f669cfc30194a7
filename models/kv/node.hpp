// One node of the replicated store: a Raft service, the store it replicates, and the requests that
// wait for either. Writes are answered when applied on the leader; reads go through ReadIndex, so
// both are linearizable. A retried write may be applied twice; exactly-once sessions are not here
// yet.
#pragma once

#include <cstdint>
#include <deque>
#include <variant>
#include <vector>

#include "models/kv/messages.hpp"
#include "models/kv/store.hpp"
#include "models/raft/service.hpp"
#include "runtime/host.hpp"

namespace windtunnel::kv {

struct NodeOptions {
  raft::ServiceOptions raft;
};

class Node final : public Program {
 public:
  Node(Host& host, NodeOptions options);

  [[nodiscard]] bool is_leader() const { return raft_.is_leader(); }
  [[nodiscard]] raft::Term term() const { return raft_.term(); }
  [[nodiscard]] const Store& store() const { return store_; }

 private:
  struct WaitingWrite {
    raft::EntryId entry;
    ReplyTo reply;
  };
  /// Writes that came while the log was syncing: they are proposed together when it is done.
  struct Unproposed {
    std::vector<SharedBytes> commands;
    std::vector<ReplyTo> replies;
  };
  /// A read or a scan, until its index is known and then until that index is applied.
  struct WaitingRead {
    std::uint64_t context = 0;
    raft::Index index{};
    bool is_confirmed = false;
    ReplyTo reply;
    std::variant<ReadRequest, ScanRequest> request;
  };

  void serve_write(const WriteRequest& request, const ReplyTo& reply);
  void propose_waiting();
  void propose(Unproposed& batch);
  void refuse(const Unproposed& batch, Status status, std::optional<HostId> leader);
  void serve_read(std::variant<ReadRequest, ScanRequest> request, const ReplyTo& reply);
  void apply(const raft::Entry& entry);
  void confirm_read(const raft::ReadState& state);
  void answer_confirmed_reads();
  void answer(const WaitingRead& read);
  void refuse(const WaitingRead& read, Status status);
  void role_changed(const raft::SoftState& state);

  Host& host_;
  Store store_;
  raft::Index applied_;
  Unproposed unproposed_;
  Unproposed spare_;                 // Empty: the memory of the last batch.
  ByteBuffer command_;               // The last one encoded, likewise.
  std::deque<WaitingWrite> writes_;  // In log order.
  std::deque<WaitingRead> reads_;    // In the order asked, which is the order of their indexes.
  std::uint64_t next_read_;  // Starts anywhere, so that no answer meant for an earlier life of this
                             // node fits.
  raft::Service raft_;
  std::vector<Subscription> subscriptions_;
};

}  // namespace windtunnel::kv
