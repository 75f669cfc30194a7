// One node of the replicated store: a Raft service, the store it replicates, the requests that wait
// for either, its watches and its leases. Writes are answered when applied on the leader; reads go
// through ReadIndex, so both are linearizable. A retried write may be applied twice, unless it
// names the revision it expects; exactly-once sessions are not here yet.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <variant>
#include <vector>

#include "models/kv/lease_keeper.hpp"
#include "models/kv/lease_messages.hpp"
#include "models/kv/messages.hpp"
#include "models/kv/store.hpp"
#include "models/kv/watch_server.hpp"
#include "models/raft/service.hpp"
#include "runtime/host.hpp"

namespace windtunnel::kv {

struct NodeOptions {
  raft::ServiceOptions raft;
  StoreOptions store{};
  WatchServerOptions watches{};
  LessorOptions leases{};
};

class Node final : public Program {
 public:
  Node(Host& host, NodeOptions options);

  [[nodiscard]] bool is_leader() const { return raft_.is_leader(); }
  [[nodiscard]] raft::Term term() const { return raft_.term(); }
  [[nodiscard]] std::optional<HostId> leader() const { return raft_.leader(); }
  [[nodiscard]] const Store& store() const { return store_; }
  [[nodiscard]] const Lessor& lessor() const { return leases_.lessor(); }
  [[nodiscard]] std::size_t watches() const { return watches_.size(); }

  /// Tells a component on the same host of every event, in order, those replayed at the start
  /// included. For the life of the node; the observer must not propose from within.
  void observe(std::function<void(const Event&)> observer) {
    observers_.push_back(std::move(observer));
  }

 private:
  /// What kind of answer a proposed command's author waits for.
  enum class Author : std::uint8_t { writer, changer, lessee, nobody };
  struct Recipient {
    Author author = Author::nobody;
    ReplyTo reply;
  };
  struct WaitingWrite {
    raft::EntryId entry;
    Recipient recipient;
  };
  /// Writes that came while the log was syncing: they are proposed together when it is done.
  struct Unproposed {
    std::vector<SharedBytes> commands;
    std::vector<Recipient> recipients;
  };
  /// How a proposed command ended, for whoever waits for it.
  struct Ending {
    Status status = Status::not_leader;
    std::optional<HostId> leader;
    Applied applied;
    std::uint64_t revision = 0;
  };
  /// Waits in the queue of the reads, for the same proof.
  struct LeadershipProof {};
  using Question = std::variant<ReadRequest, ScanRequest, LeadershipProof>;
  /// A read or a scan, until its index is known and then until that index is applied.
  struct WaitingRead {
    std::uint64_t context = 0;
    raft::Index index{};
    bool is_confirmed = false;
    ReplyTo reply;
    Question request;
  };

  void serve_commands();
  void serve_questions();
  void serve_command(const Command& command, const Recipient& recipient);
  void propose_waiting();
  void propose(Unproposed& batch);
  void refuse(const Unproposed& batch, Status status, std::optional<HostId> leader);
  void answer(const Recipient& recipient, const Ending& ending);
  void serve_read(Question request, const ReplyTo& reply);
  void apply(const raft::Entry& entry);
  [[nodiscard]] Applied carry_out(const raft::Entry& entry);
  void follow_leases(std::uint64_t revision, const SharedBytes& command);
  void confirm_read(const raft::ReadState& state);
  void answer_confirmed_reads();
  void answer(const WaitingRead& read);
  void refuse(const WaitingRead& read, Status status);
  void role_changed(const raft::SoftState& state);

  Host& host_;
  Store store_;
  WatchServer watches_;
  LeaseKeeper leases_;
  std::vector<std::function<void(const Event&)>> observers_;
  raft::Index applied_;
  std::vector<std::pair<raft::Index, Applied>> applied_while_proposing_;
  bool is_proposing_ = false;
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
