#include "tests/models/raft/interaction.hpp"

#include <algorithm>
#include <iterator>
#include <numeric>
#include <stdexcept>
#include <utility>

#include "tests/models/raft/cluster.hpp"
#include "tests/models/raft/describe.hpp"

namespace windtunnel::raft {

namespace {

constexpr std::uint32_t kElectionTicks = 3;

std::string indented(const std::string& text, const std::string& indent) {
  std::string result;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    result += indent + text.substr(begin, end - begin) + "\n";
    begin = end + 1;
  }
  return result;
}

std::string with_responses(const std::string& text, const std::vector<std::string>& responses) {
  if (responses.empty()) {
    return text;
  }
  std::string result = text + " Responses:[";
  for (const std::string& response : responses) {
    result += "\n" + indented(response, "  ");
    result.pop_back();
  }
  return result + "\n]";
}

}  // namespace

std::string Interaction::run(const DataCase& command) {
  output_.clear();
  const std::vector<std::string> level = command.values_of("log-level");
  const bool quiet_before = quiet_;
  quiet_ = quiet_ || (!level.empty() && level.front() == "none");
  dispatch(command);
  if (command.command != "log-level") {
    quiet_ = quiet_before;
  }
  return output_.empty() ? "ok\n" : output_;
}

void Interaction::dispatch(const DataCase& command) {
  const std::string& verb = command.command;
  const std::vector<unsigned> ids = command.numbers();
  if (verb == "log-level") {
    quiet_ = command.arguments.at(0).name == "none";
  } else if (verb == "add-nodes") {
    add_nodes(command);
  } else if (verb == "campaign") {
    node(ids.at(0)).core->campaign();
  } else if (verb == "propose") {
    static_cast<void>(node(ids.at(0)).core->propose(SharedBytes{command.arguments.at(1).name}));
  } else if (verb == "report-unreachable") {
    node(ids.at(0)).core->report_unreachable(HostId{ids.at(1)});
  } else if (verb == "tick-heartbeat") {
    tick(ids.at(0), 1);
  } else if (verb == "tick-election") {
    tick(ids.at(0), kElectionTicks);
  } else if (verb == "deliver-msgs") {
    deliver_messages(command);
  } else if (verb == "stabilize") {
    stabilize(ids);
  } else if (verb == "process-ready") {
    process_each(command, "handling Ready", &Interaction::process_ready);
  } else if (verb == "process-append-thread") {
    process_each(command, "processing append thread", &Interaction::process_append);
  } else if (verb == "process-apply-thread") {
    process_each(command, "processing apply thread", &Interaction::process_apply);
  } else if (verb == "raft-log") {
    print_log(ids.at(0));
  } else if (verb == "status") {
    print_status(ids.at(0));
  } else {
    throw std::runtime_error("no such command here: " + verb);
  }
}

void Interaction::add_nodes(const DataCase& command) {
  Options options{.timeouts = {1, ""}, .election_ticks = kElectionTicks};
  options.pre_vote = command.values_of("prevote") == std::vector<std::string>{"true"};
  options.check_quorum = command.values_of("checkquorum") == std::vector<std::string>{"true"};
  const bool async = command.values_of("async-storage-writes") == std::vector<std::string>{"true"};
  options.storage = async ? StorageMode::asynchronous : StorageMode::synchronous;
  for (const std::string& voter : command.values_of("voters")) {
    options.voters.emplace_back(static_cast<std::uint32_t>(std::stoul(voter)));
  }
  const Index index{std::stoul(command.values_of("index").at(0))};
  for (unsigned count = command.numbers().at(0); count > 0; --count) {
    options.id = HostId{static_cast<std::uint32_t>(nodes_.size() + 1)};
    const PersistentState state{.base = {Term{1}, index}, .applied = index};
    nodes_.push_back({std::make_unique<Core>(options, state), state, options.storage, {}, {}});
    // That a core was started is a fact here, and nothing in etcd/raft.
    static_cast<void>(nodes_.back().core->ready());
  }
}

void Interaction::tick(unsigned id, std::uint32_t ticks) {
  for (; ticks > 0; --ticks) {
    node(id).core->tick();
  }
}

void Interaction::deliver_messages(const DataCase& command) {
  std::size_t handled = 0;
  for (const unsigned id : command.numbers()) {
    handled += take_messages(id, false);
  }
  for (const std::string& id : command.values_of("drop")) {
    handled += take_messages(static_cast<unsigned>(std::stoul(id)), true);
  }
  if (handled == 0) {
    print("no messages");
  }
}

std::size_t Interaction::take_messages(unsigned id, bool drop) {
  // What storage answers is never lost.
  const auto stays = [&](const Envelope& each) {
    const bool is_local = each.message.from == each.message.to;
    return each.message.to != HostId{id} || (drop && is_local);
  };
  const auto first = std::stable_partition(network_.begin(), network_.end(), stays);
  std::vector<Envelope> taken{std::move_iterator{first}, std::move_iterator{network_.end()}};
  network_.erase(first, network_.end());
  for (Envelope& each : taken) {
    print((drop ? "dropped: " : "") + each.text);
    if (!drop) {
      node(id).core->step(std::move(each.message));
    }
  }
  return taken.size();
}

void Interaction::stabilize(std::vector<unsigned> ids) {
  if (ids.empty()) {
    ids.resize(nodes_.size());
    std::iota(ids.begin(), ids.end(), 1U);
  }
  for (bool busy = true; busy;) {
    busy = false;
    const auto each = [&](const char* title, const auto& has_work, const auto& work) {
      for (const unsigned id : ids) {
        if (has_work(id)) {
          print_header(id, title);
          work(id);
          indent_.clear();
          busy = true;
        }
      }
    };
    each(
        "handling Ready", [&](unsigned id) { return node(id).core->has_ready(); },
        [&](unsigned id) { process_ready(id); });
    each(
        "receiving messages",
        [&](unsigned id) {
          return std::any_of(network_.begin(), network_.end(), [&](const Envelope& envelope) {
            return envelope.message.to == HostId{id};
          });
        },
        [&](unsigned id) { take_messages(id, false); });
    each(
        "processing append thread", [&](unsigned id) { return !node(id).appending.empty(); },
        [&](unsigned id) {
          while (!node(id).appending.empty()) {
            process_append(id);
          }
        });
    each(
        "processing apply thread", [&](unsigned id) { return !node(id).applying.empty(); },
        [&](unsigned id) {
          while (!node(id).applying.empty()) {
            process_apply(id);
          }
        });
  }
}

void Interaction::process_each(const DataCase& command, const std::string& title,
                               void (Interaction::*process)(unsigned)) {
  const std::vector<unsigned> ids = command.numbers();
  for (const unsigned id : ids) {
    if (ids.size() > 1) {
      print_header(id, title);
    }
    (this->*process)(id);
    indent_.clear();
  }
}

void Interaction::process_ready(unsigned id) {
  Node& owner = node(id);
  Ready ready = owner.core->ready();
  std::string messages;
  for (Message& message : ready.messages) {
    const std::string text = describe(message);
    messages += text + "\n";
    network_.push_back({std::move(message), text});
  }
  if (owner.storage == StorageMode::asynchronous) {
    messages += queue_work(id, ready);
  } else if (ready.append) {
    write_to(owner.durable, *ready.append);
  }
  print_ready(ready, messages);
  if (owner.storage == StorageMode::synchronous) {
    owner.core->advance();
  }
}

std::string Interaction::queue_work(unsigned id, const Ready& ready) {
  const HostId host{id};
  std::string messages;
  if (ready.append) {
    Work work{*ready.append, describe(host, *ready.append), {}};
    std::vector<std::string> responses;
    for (const Message& response : ready.append->responses) {
      responses.push_back(describe(response));
      work.responses.push_back({response, responses.back()});
    }
    messages += with_responses(work.text, responses) + "\n";
    node(id).appending.push_back(std::move(work));
  }
  if (ready.apply) {
    const std::string response = describe_response(host, *ready.apply);
    Work work{{}, describe(host, *ready.apply), {{ready.apply->response, response}}};
    messages += with_responses(work.text, {response}) + "\n";
    node(id).applying.push_back(std::move(work));
  }
  return messages;
}

void Interaction::print_ready(const Ready& ready, const std::string& messages) {
  const StorageAppend append = ready.append.value_or(StorageAppend{});
  std::string text;
  text += ready.soft_state ? describe(*ready.soft_state) + "\n" : "";
  text += append.hard_state ? "HardState " + describe(*append.hard_state) + "\n" : "";
  text += append.entries.empty() ? "" : "Entries:\n" + describe(append.entries);
  text += ready.apply ? "CommittedEntries:\n" + describe(ready.apply->entries) : "";
  text += messages.empty() ? "" : "Messages:\n" + messages;
  print(text.empty() ? "<empty Ready>"
                     : std::string{"Ready MustSync="} + (append.must_sync ? "true" : "false") +
                           ":\n" + text);
}

void Interaction::process_append(unsigned id) {
  Node& owner = node(id);
  if (owner.appending.empty()) {
    print("no append work to perform");
    return;
  }
  const Work work = std::move(owner.appending.front());
  owner.appending.pop_front();
  write_to(owner.durable, work.append);
  print("Processing:\n" + work.text + "\nResponses:\n");
  for (const Envelope& response : work.responses) {
    print(response.text);
    network_.push_back(response);
  }
}

void Interaction::process_apply(unsigned id) {
  Node& owner = node(id);
  if (owner.applying.empty()) {
    print("no apply work to perform");
    return;
  }
  const Work work = std::move(owner.applying.front());
  owner.applying.pop_front();
  print("Processing:\n" + work.text + "\nResponses:\n" + work.responses.at(0).text);
  network_.push_back(work.responses.at(0));
}

void Interaction::print_log(unsigned id) {
  const std::vector<Entry>& entries = node(id).durable.entries;
  print(entries.empty() ? "log is empty" : describe(entries));
}

void Interaction::print_status(unsigned id) {
  for (const Peer& peer : node(id).core->peers()) {
    print(std::to_string(peer.id.value()) + ": " + describe(peer));
  }
}

void Interaction::print(const std::string& text) {
  if (!quiet_) {
    output_ += indented(text, indent_);
  }
}

void Interaction::print_header(unsigned id, const std::string& title) {
  print("> " + std::to_string(id) + " " + title);
  indent_ = "  ";
}

}  // namespace windtunnel::raft
