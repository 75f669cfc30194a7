// Plays the interaction tests of etcd/raft (rafttest/) against our cores and prints what they do in
// etcd/raft's words. The core states facts instead of writing a log, so etcd/raft's log lines have
// no counterpart here.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "models/raft/core.hpp"
#include "tests/models/raft/datadriven.hpp"

namespace windtunnel::raft {

class Interaction {
 public:
  /// The output of one command; throws std::runtime_error for a command or an option this core has
  /// no feature for.
  [[nodiscard]] std::string run(const DataCase& command);

 private:
  /// A message with its printed form; that of storage says more than the message holds.
  struct Envelope {
    Message message;
    std::string text;
  };
  /// One piece of work for storage or application, and what it answers.
  struct Work {
    StorageAppend append;
    std::string text;
    std::vector<Envelope> responses;
  };
  struct Node {
    std::unique_ptr<Core> core;
    PersistentState durable;
    StorageMode storage = StorageMode::synchronous;
    std::deque<Work> appending;
    std::deque<Work> applying;
  };

  void dispatch(const DataCase& command);
  void add_nodes(const DataCase& command);
  void tick(unsigned id, std::uint32_t ticks);
  void deliver_messages(const DataCase& command);
  void stabilize(std::vector<unsigned> ids);
  void process_each(const DataCase& command, const std::string& title,
                    void (Interaction::*process)(unsigned));
  void process_ready(unsigned id);
  /// Puts what `ready` asks of storage and application into their queues; the messages that ask for
  /// it, one a line.
  [[nodiscard]] std::string queue_work(unsigned id, const Ready& ready);
  void print_ready(const Ready& ready, const std::string& messages);
  void process_append(unsigned id);
  void process_apply(unsigned id);
  void print_log(unsigned id);
  void print_status(unsigned id);
  /// Delivers or drops what waits for `id`; how many.
  std::size_t take_messages(unsigned id, bool drop);

  void print(const std::string& text);
  void print_header(unsigned id, const std::string& title);

  [[nodiscard]] Node& node(unsigned id) { return nodes_.at(id - 1); }

  std::vector<Node> nodes_;
  std::vector<Envelope> network_;
  std::string output_;
  std::string indent_;
  bool quiet_ = false;
};

}  // namespace windtunnel::raft
