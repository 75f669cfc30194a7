#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <pybind11/stl.h>

#include "bindings/src/component_values.hpp"
#include "bindings/src/components.hpp"
#include "models/raft/core.hpp"
#include "models/raft/invariants.hpp"

namespace windtunnel::raft {

BOOST_DESCRIBE_ENUM(StorageMode, asynchronous, synchronous)
BOOST_DESCRIBE_ENUM(CommitNotice, at_once, with_next_message)
BOOST_DESCRIBE_ENUM(ProposalOutcome, accepted, not_leader, over_limit, transferring)
BOOST_DESCRIBE_ENUM(ReadOutcome, asked, no_leader)
BOOST_DESCRIBE_ENUM(TransferOutcome, started, not_leader, no_such_voter, already_leading)
BOOST_DESCRIBE_ENUM(ProgressState, probe, replicate)
BOOST_DESCRIBE_STRUCT(Options, (),
                      (election_ticks, heartbeat_ticks, pre_vote, check_quorum,
                       max_entries_bytes_per_append, max_entries_per_append, max_entries_per_apply,
                       inflight_max, uncommitted_bytes_max, storage, commit_notice))

}  // namespace windtunnel::raft

namespace windtunnel::bindings {

using namespace raft;

/// Whether a node's disk and application answer at once, or when the caller says so.
struct RaftHolds {
  bool hold_writes = false;
  bool hold_applies = false;
};
BOOST_DESCRIBE_STRUCT(RaftHolds, (), (hold_writes, hold_applies))

namespace {

/// A message under way, with a number of its own.
struct Envelope {
  std::uint64_t number = 0;
  Message message{};
};

py::bytes bytes_of(const SharedBytes& data) {
  return {data.view().data(), data.view().size()};
}

py::list entries_to(std::span<const Entry> entries) {
  py::list list;
  for (const Entry& entry : entries) {
    py::dict row;
    row["index"] = entry.index.value();
    row["term"] = entry.term.value();
    row["kind"] = bindings::name_of<EntryKind>(entry.kind);
    row["data"] = bytes_of(entry.data);
    list.append(row);
  }
  return list;
}

py::object host_to(const std::optional<HostId>& host) {
  return host ? py::object{py::int_(host->value())} : py::none();
}

template <typename Value>
py::object field_to(const Value& value) {
  if constexpr (requires { value.value(); }) {
    return py::int_(value.value());
  } else if constexpr (requires { value.term; }) {
    return py::make_tuple(value.term.value(), value.index.value());
  } else {
    return value_to(value);
  }
}

py::dict fact_to(HostId host, const Fact& fact) {
  py::dict row;
  row["node"] = host.value();
  std::visit(
      [&](const auto& stated) {
        using Stated = std::remove_cvref_t<decltype(stated)>;
        row["fact"] = std::string{Stated::kWireName};
        boost::mp11::mp_for_each<
            boost::describe::describe_members<Stated, boost::describe::mod_public>>(
            [&](auto each) { row[each.name] = field_to(stated.*each.pointer); });
      },
      fact);
  return row;
}

/// Writes `append` as a correct disk would.
void write_to(PersistentState& durable, const StorageAppend& append) {
  if (!append.entries.empty()) {
    const std::uint64_t kept = append.entries.front().index - durable.base.index - 1;
    durable.entries.resize(static_cast<std::size_t>(kept));
    durable.entries.insert(durable.entries.end(), append.entries.begin(), append.entries.end());
  }
  if (append.hard_state) {
    durable.hard_state = *append.hard_state;
  }
}

/// One machine: its storage outlives its core.
struct Node {
  Options options;
  PersistentState durable{};
  std::unique_ptr<Core> core{};  ///< Absent while crashed.
  std::deque<StorageAppend> writing{};
  std::deque<StorageApply> applying{};
  std::vector<Entry> applied{};  ///< The application's memory, empty again after each crash.
};

/// Cores in memory, with everything between them in the caller's hands.
class RaftClusterFace {
 public:
  RaftClusterFace(std::uint32_t size, std::uint64_t seed, const py::kwargs& arguments) {
    constexpr std::uint32_t kSizeMax = 99;
    Given given{arguments, "RaftCluster"};
    if (size == 0 || size > kSizeMax) {
      refuse_value("RaftCluster: n", fmt::format("{}", size), fmt::format("1 to {}", kSizeMax));
    }
    Options common{.timeouts = {seed, ""}};
    given.read(common);
    given.read(holds_);
    given.refuse_unknown();
    list_parameters(values_, common);
    list_parameters(values_, holds_);
    for (std::uint32_t voter = 0; voter < size; ++voter) {
      common.voters.emplace_back(voter);
    }
    for (std::uint32_t n = 0; n < size; ++n) {
      common.id = HostId{n};
      common.timeouts = {seed, fmt::format("raft.election:{}", n)};
      nodes_.push_back({common});
      constructed("RaftCluster", [&] {
        start(nodes_.back());
        return 0;
      });
    }
  }

  void tick(std::uint32_t n, std::uint32_t count) {
    Node& node = running(n);
    for (; count > 0; --count) {
      node.core->tick();
      drain(node);
    }
  }
  void tick_all(std::uint32_t count) {
    for (; count > 0; --count) {
      for (std::uint32_t n = 0; n < nodes_.size(); ++n) {
        if (nodes_[n].core) {
          tick(n, 1);
        }
      }
    }
  }

  py::dict propose(std::uint32_t n, const py::object& data) {
    Node& node = running(n);
    if (!py::isinstance<py::str>(data) && !py::isinstance<py::bytes>(data)) {
      refuse_type("RaftCluster: propose", found_text(data), "a text or bytes");
    }
    const Proposal proposal = node.core->propose(SharedBytes{data.cast<std::string>()});
    drain(node);
    py::dict made;
    made["outcome"] = bindings::name_of<ProposalOutcome>(proposal.outcome);
    const bool is_accepted = proposal.outcome == ProposalOutcome::accepted;
    made["term"] = is_accepted ? py::object{py::int_(proposal.last.term.value())} : py::none();
    made["index"] = is_accepted ? py::object{py::int_(proposal.last.index.value())} : py::none();
    made["leader"] = host_to(proposal.leader);
    return made;
  }
  void campaign(std::uint32_t n) {
    Node& node = running(n);
    node.core->campaign();
    drain(node);
  }
  std::string transfer_leadership(std::uint32_t n, std::uint32_t to) {
    Node& node = running(n);
    const TransferOutcome outcome = node.core->transfer_leadership(HostId{to});
    drain(node);
    return bindings::name_of<TransferOutcome>(outcome);
  }
  std::string read_index(std::uint32_t n, std::uint64_t context) {
    Node& node = running(n);
    const ReadOutcome outcome = node.core->read_index(context);
    drain(node);
    return bindings::name_of<ReadOutcome>(outcome);
  }
  void report_unreachable(std::uint32_t n, std::uint32_t peer) {
    Node& node = running(n);
    static_cast<void>(known(peer));
    node.core->report_unreachable(HostId{peer});
    drain(node);
  }

  bool deliver(const py::object& which, bool keep) {
    const std::size_t at = place_of(which);
    Message message = network_[at].message;
    if (!keep) {
      network_.erase(network_.begin() + static_cast<std::ptrdiff_t>(at));
    }
    Node& node = nodes_[message.to.value()];
    if (!node.core) {
      return false;
    }
    node.core->step(std::move(message));
    drain(node);
    return true;
  }
  void drop(const py::object& which) {
    network_.erase(network_.begin() + static_cast<std::ptrdiff_t>(place_of(which)));
  }
  std::uint64_t deliver_all(std::uint64_t limit) {
    std::uint64_t delivered = 0;
    while (!network_.empty() && delivered < limit) {
      if ((++delivered & 0xfffU) == 0 && PyErr_CheckSignals() != 0) {
        throw py::error_already_set();
      }
      deliver(py::int_(0), false);
    }
    return delivered;
  }
  std::uint64_t drop_all() {
    const std::size_t dropped = network_.size();
    network_.clear();
    return dropped;
  }

  bool write(std::uint32_t n) {
    Node& node = running(n);
    const bool any = write_oldest(node);
    drain(node);
    return any;
  }
  bool apply(std::uint32_t n) {
    Node& node = running(n);
    const bool any = apply_oldest(node);
    drain(node);
    return any;
  }

  void crash(std::uint32_t n, std::uint32_t writes_kept) {
    Node& node = running(n);
    for (; writes_kept > 0 && !node.writing.empty(); --writes_kept) {
      write_to(node.durable, node.writing.front());
      node.writing.pop_front();
    }
    node.writing.clear();
    node.applying.clear();
    node.applied.clear();
    node.core.reset();
  }
  void restart(std::uint32_t n) {
    Node& node = known(n);
    if (node.core) {
      refuse_value("RaftCluster: restart", fmt::format("node {}, which is up", n),
                   "a node that has crashed");
    }
    start(node);
  }

  [[nodiscard]] py::dict state(std::uint32_t n) const {
    const Node& node = known(n);
    py::dict row;
    row["node"] = n;
    row["is_up"] = node.core != nullptr;
    row["role"] = node.core ? bindings::name_of<Role>(node.core->state().role) : "down";
    const HardState& hard = node.durable.hard_state;
    const bool up = node.core != nullptr;
    row["term"] = up ? node.core->state().term.value() : hard.term.value();
    row["vote"] = host_to(up ? node.core->state().vote : hard.vote);
    row["leader"] = host_to(up ? node.core->state().leader : std::nullopt);
    row["commit"] = up ? node.core->state().commit.value() : hard.commit.value();
    row["applied"] = up ? node.core->state().applied.value() : 0;
    const EntryId stored =
        node.durable.entries.empty() ? node.durable.base : node.durable.entries.back().id();
    const EntryId last = up ? node.core->state().last : stored;
    row["last_term"] = last.term.value();
    row["last_index"] = last.index.value();
    row["writes"] = node.writing.size();
    row["applies"] = node.applying.size();
    return row;
  }
  [[nodiscard]] py::list states() const {
    py::list rows;
    for (std::uint32_t n = 0; n < nodes_.size(); ++n) {
      rows.append(state(n));
    }
    return rows;
  }
  /// The leader of the highest term that is up.
  [[nodiscard]] py::object leader() const {
    std::optional<State> found;
    for (const Node& node : nodes_) {
      if (node.core && node.core->state().role == Role::leader &&
          (!found || node.core->state().term > found->term)) {
        found = node.core->state();
      }
    }
    return host_to(found ? std::optional{found->id} : std::nullopt);
  }
  [[nodiscard]] py::list log(std::uint32_t n) const {
    const Node& node = known(n);
    if (!node.core) {
      return entries_to(node.durable.entries);
    }
    const Log& log = node.core->log();
    return entries_to(log.read_range(log.base_index(), log.last_index()));
  }
  [[nodiscard]] py::dict stored(std::uint32_t n) const {
    const PersistentState& durable = known(n).durable;
    py::dict state;
    state["term"] = durable.hard_state.term.value();
    state["vote"] = host_to(durable.hard_state.vote);
    state["commit"] = durable.hard_state.commit.value();
    state["entries"] = entries_to(durable.entries);
    return state;
  }
  [[nodiscard]] py::list applied(std::uint32_t n) const {
    py::list commands;
    for (const Entry& entry : known(n).applied) {
      if (entry.kind == EntryKind::command) {
        commands.append(bytes_of(entry.data));
      }
    }
    return commands;
  }
  [[nodiscard]] py::list peers(std::uint32_t n) {
    py::list rows;
    for (const Peer& peer : running(n).core->peers()) {
      py::dict row;
      row["node"] = peer.id.value();
      row["match"] = peer.progress.match().value();
      row["next"] = peer.progress.next().value();
      row["progress"] = bindings::name_of<ProgressState>(peer.progress.state());
      row["inflight"] = peer.progress.inflights().count();
      row["is_paused"] = peer.progress.is_paused();
      row["recently_active"] = peer.recently_active;
      rows.append(row);
    }
    return rows;
  }

  /// Copies: what is under way changes with the next call.
  [[nodiscard]] std::vector<Envelope> messages() const { return network_; }
  [[nodiscard]] std::size_t message_count() const { return network_.size(); }
  [[nodiscard]] py::list facts() const {
    py::list rows;
    for (const auto& [host, fact] : facts_) {
      rows.append(fact_to(host, fact));
    }
    return rows;
  }
  [[nodiscard]] py::list take_reads() {
    py::list rows;
    for (const auto& [host, read] : std::exchange(reads_, {})) {
      py::dict row;
      row["node"] = host.value();
      row["context"] = read.context;
      row["index"] = read.index.value();
      rows.append(row);
    }
    return rows;
  }
  [[nodiscard]] py::object breach() const {
    if (!breach_) {
      return py::none();
    }
    py::dict row;
    row["invariant"] = breach_->invariant;
    row["node"] = breach_->host.value();
    row["what"] = breach_->what;
    return row;
  }

  [[nodiscard]] std::size_t size() const { return nodes_.size(); }
  [[nodiscard]] py::dict parameters() const { return values_; }
  [[nodiscard]] std::string repr() const {
    std::string text = fmt::format("RaftCluster({}) <", nodes_.size());
    for (std::uint32_t n = 0; n < nodes_.size(); ++n) {
      const py::dict row = state(n);
      text +=
          fmt::format("{}{}: {} term={} commit={} last={}", n == 0 ? "" : "; ", n,
                      row["role"].cast<std::string>(), row["term"].cast<std::uint64_t>(),
                      row["commit"].cast<std::uint64_t>(), row["last_index"].cast<std::uint64_t>());
    }
    return text + fmt::format("; messages={}>", network_.size());
  }
  static py::dict defaults() {
    py::dict values;
    list_parameters(values, Options{.timeouts = {0, ""}});
    list_parameters(values, RaftHolds{});
    return values;
  }

 private:
  [[nodiscard]] const Node& known(std::uint32_t n) const {
    if (n >= nodes_.size()) {
      refuse_value("RaftCluster: node", fmt::format("{}", n),
                   fmt::format("0 to {}", nodes_.size() - 1));
    }
    return nodes_[n];
  }
  [[nodiscard]] Node& known(std::uint32_t n) {
    static_cast<void>(std::as_const(*this).known(n));
    return nodes_[n];
  }
  [[nodiscard]] Node& running(std::uint32_t n) {
    Node& node = known(n);
    if (!node.core) {
      refuse_value("RaftCluster: node", fmt::format("node {}, which has crashed", n),
                   "a node that is up");
    }
    return node;
  }
  /// By a message itself, or by its place among those under way, from the end if negative.
  [[nodiscard]] std::size_t place_of(const py::object& which) const {
    const std::size_t count = network_.size();
    if (py::isinstance<Envelope>(which)) {
      const std::uint64_t number = which.cast<const Envelope&>().number;
      for (std::size_t at = 0; at < count; ++at) {
        if (network_[at].number == number) {
          return at;
        }
      }
      refuse_value("RaftCluster: message", fmt::format("number {}", number),
                   "a message that is under way");
    }
    const std::string expected =
        count == 0 ? "a message; none is under way" : fmt::format("0 to {}", count - 1);
    const std::int64_t at = integer_from(which, "RaftCluster: message", INT64_MIN, INT64_MAX);
    const std::int64_t place = at < 0 ? at + static_cast<std::int64_t>(count) : at;
    if (place < 0 || place >= static_cast<std::int64_t>(count)) {
      refuse_value("RaftCluster: message", fmt::format("{}", at), expected);
    }
    return static_cast<std::size_t>(place);
  }

  void start(Node& node) {
    node.core = std::make_unique<Core>(node.options, node.durable);
    drain(node);
  }

  /// Carries out what the core asks for until it asks for nothing more.
  void drain(Node& node) {
    bool is_busy = true;
    while (is_busy) {
      is_busy = node.core->has_ready();
      if (is_busy) {
        take_ready(node);
      }
      while (!holds_.hold_writes && write_oldest(node)) {
        is_busy = true;
      }
      while (!holds_.hold_applies && apply_oldest(node)) {
        is_busy = true;
      }
    }
  }

  void take_ready(Node& node) {
    Ready ready = node.core->ready();
    observe(node.options.id, ready.facts);
    if (node.options.storage == StorageMode::synchronous) {
      carry_out(node, std::move(ready));
      return;
    }
    send(ready.messages);
    note_reads(node, ready.read_states);
    if (ready.append) {
      node.writing.push_back(std::move(*ready.append));
    }
    if (ready.apply) {
      node.applying.push_back(std::move(*ready.apply));
    }
  }

  /// In the synchronous mode a Ready is one step: written, sent, applied.
  void carry_out(Node& node, Ready ready) {
    if (ready.append) {
      write_to(node.durable, *ready.append);
      observe(node.options.id, ready.append->facts);
    }
    send(ready.messages);
    note_reads(node, ready.read_states);
    if (ready.apply) {
      node.applied.insert(node.applied.end(), ready.apply->entries.begin(),
                          ready.apply->entries.end());
    }
    node.core->advance();
  }

  bool write_oldest(Node& node) {
    if (node.writing.empty()) {
      return false;
    }
    const StorageAppend append = std::move(node.writing.front());
    node.writing.pop_front();
    write_to(node.durable, append);
    observe(node.options.id, append.facts);
    for (const Message& response : append.responses) {
      if (response.to == node.options.id) {
        node.core->step(response);
      } else {
        send({response});
      }
    }
    return true;
  }
  bool apply_oldest(Node& node) {
    if (node.applying.empty()) {
      return false;
    }
    const StorageApply apply = std::move(node.applying.front());
    node.applying.pop_front();
    node.applied.insert(node.applied.end(), apply.entries.begin(), apply.entries.end());
    node.core->step(apply.response);
    return true;
  }

  void send(const std::vector<Message>& messages) {
    for (const Message& message : messages) {
      network_.push_back({sent_++, message});
    }
  }
  void note_reads(const Node& node, const std::vector<ReadState>& reads) {
    for (const ReadState& read : reads) {
      reads_.emplace_back(node.options.id, read);
    }
  }
  void observe(HostId host, const std::vector<Fact>& facts) {
    for (const Fact& fact : facts) {
      facts_.emplace_back(host, fact);
      if (!breach_) {
        breach_ = invariants_.observe(host, fact);
      }
    }
  }

  py::dict values_;
  RaftHolds holds_;
  std::deque<Node> nodes_;
  std::vector<Envelope> network_;
  std::uint64_t sent_ = 0;
  std::vector<std::pair<HostId, ReadState>> reads_;
  std::vector<std::pair<HostId, Fact>> facts_;
  Invariants invariants_;
  std::optional<Breach> breach_;
};

std::string describe(const Envelope& envelope) {
  const Message& message = envelope.message;
  std::string text = fmt::format("<{}: {} {}->{} term={}", envelope.number,
                                 bindings::name_of<MessageType>(message.type), message.from.value(),
                                 message.to.value(), message.term.value());
  if (message.log != EntryId{}) {
    text += fmt::format(" log={}@{}", message.log.index.value(), message.log.term.value());
  }
  if (!message.entries.empty()) {
    text += fmt::format(" entries={}", message.entries.size());
  }
  return text + (message.reject ? " reject>" : ">");
}

void bind_message(py::module_& module) {
  py::class_<Envelope>(module, "RaftMessage", "A message under way between two nodes.")
      .def_readonly("number", &Envelope::number, "In the order of sending, from 0.")
      .def_property_readonly(
          "type", [](const Envelope& e) { return bindings::name_of<MessageType>(e.message.type); })
      .def_property_readonly("sender", [](const Envelope& e) { return e.message.from.value(); })
      .def_property_readonly("receiver", [](const Envelope& e) { return e.message.to.value(); })
      .def_property_readonly("term", [](const Envelope& e) { return e.message.term.value(); })
      .def_property_readonly("log_term",
                             [](const Envelope& e) { return e.message.log.term.value(); })
      .def_property_readonly("log_index",
                             [](const Envelope& e) { return e.message.log.index.value(); })
      .def_property_readonly("commit", [](const Envelope& e) { return e.message.commit.value(); })
      .def_property_readonly("context", [](const Envelope& e) { return e.message.context; })
      .def_property_readonly("reject", [](const Envelope& e) { return e.message.reject; })
      .def_property_readonly("transfer", [](const Envelope& e) { return e.message.transfer; })
      .def_property_readonly("entries",
                             [](const Envelope& e) { return entries_to(e.message.entries); })
      .def("__repr__", &describe);
}

}  // namespace

void bind_raft(py::module_& module) {
  using py::arg;
  bind_message(module);
  py::class_<RaftClusterFace>(
      module, "RaftCluster",
      "Raft nodes 0 to n-1 in memory. Nothing happens by itself: the caller ticks, delivers, "
      "drops, "
      "crashes; every fact goes through the checker of Raft's safety properties.")
      .def(py::init([](std::uint32_t n, std::uint64_t seed, const py::kwargs& parameters) {
             return std::make_unique<RaftClusterFace>(n, seed, parameters);
           }),
           arg("n") = 3, py::kw_only(), arg("seed") = 0)
      .def("tick", &RaftClusterFace::tick, arg("node"), arg("count") = 1,
           "Units of a node's only notion of time.")
      .def("tick_all", &RaftClusterFace::tick_all, arg("count") = 1,
           "Ticks every node that is up, in turns.")
      .def("propose", &RaftClusterFace::propose, arg("node"), arg("data"),
           "Proposes one command. A dict: outcome, term and index where accepted, leader as known.")
      .def("campaign", &RaftClusterFace::campaign, arg("node"))
      .def("transfer_leadership", &RaftClusterFace::transfer_leadership, arg("node"), arg("to"))
      .def("read_index", &RaftClusterFace::read_index, arg("node"), arg("context"),
           "Asks for a linearizable read; the answer comes by take_reads().")
      .def("report_unreachable", &RaftClusterFace::report_unreachable, arg("node"), arg("peer"))
      .def("deliver", &RaftClusterFace::deliver, arg("message") = 0, py::kw_only(),
           arg("keep") = false,
           "Gives a message, by itself or by its place in `messages`, to its receiver; keep=True "
           "leaves a copy under way. False where the receiver is down.")
      .def("drop", &RaftClusterFace::drop, arg("message") = 0, "Loses a message.")
      .def("deliver_all", &RaftClusterFace::deliver_all, arg("limit") = 1'000'000,
           "Delivers in the order of sending until nothing is under way; returns how many.")
      .def("drop_all", &RaftClusterFace::drop_all)
      .def("write", &RaftClusterFace::write, arg("node"),
           "The oldest write held becomes durable; of hold_writes=True. False if none waits.")
      .def("apply", &RaftClusterFace::apply, arg("node"),
           "The oldest batch held is applied; of hold_applies=True. False if none waits.")
      .def("crash", &RaftClusterFace::crash, arg("node"), py::kw_only(), arg("writes_kept") = 0,
           "Memory is lost, and of the writes held all but the oldest `writes_kept`.")
      .def("restart", &RaftClusterFace::restart, arg("node"), "From the stored log.")
      .def("state", &RaftClusterFace::state, arg("node"))
      .def("log", &RaftClusterFace::log, arg("node"), "Entries, a dict each.")
      .def("stored", &RaftClusterFace::stored, arg("node"), "What the node's disk holds.")
      .def("applied", &RaftClusterFace::applied, arg("node"),
           "Commands handed to the application since the last restart.")
      .def("peers", &RaftClusterFace::peers, arg("node"),
           "What the node knows of the others; means something on a leader.")
      .def("take_reads", &RaftClusterFace::take_reads, "Reads answered since the last call.")
      .def_property_readonly("states", &RaftClusterFace::states)
      .def_property_readonly("messages", &RaftClusterFace::messages,
                             "Under way, in the order of sending.")
      .def_property_readonly("message_count", &RaftClusterFace::message_count)
      .def_property_readonly("leader", &RaftClusterFace::leader)
      .def_property_readonly("facts", &RaftClusterFace::facts)
      .def_property_readonly("breach", &RaftClusterFace::breach,
                             "The first safety property that did not hold, or None.")
      .def_property_readonly("parameters", &RaftClusterFace::parameters)
      .def_static("defaults", &RaftClusterFace::defaults)
      .def("__len__", &RaftClusterFace::size)
      .def("__repr__", &RaftClusterFace::repr);
}

}  // namespace windtunnel::bindings
