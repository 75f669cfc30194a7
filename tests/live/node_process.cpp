#include "tests/live/node_process.hpp"

#include <csignal>
#include <fcntl.h>
#include <fstream>
#include <spawn.h>
#include <stdexcept>
#include <sys/wait.h>
#include <unistd.h>

namespace windtunnel::live {

namespace {

constexpr const char* kProgram = WINDTUNNEL_NODE;

/// Distinct ports that were free a moment ago.
std::vector<Endpoint> free_endpoints(asio::io_context& context, std::size_t count) {
  std::vector<asio::ip::tcp::acceptor> probes;
  std::vector<Endpoint> endpoints;
  for (std::size_t i = 0; i < count; ++i) {
    probes.emplace_back(context, *parse_endpoint("127.0.0.1:0"));
    endpoints.push_back(probes.back().local_endpoint());
  }
  return endpoints;
}

}  // namespace

NodeProcess::NodeProcess(const std::vector<std::string>& arguments,
                         const std::filesystem::path& log) {
  std::vector<std::string> words{kProgram};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (std::string& word : words) {
    argv.push_back(word.data());
  }
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, log.c_str(),
                                   O_WRONLY | O_CREAT | O_APPEND, 0644);
  posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
  // Asio's sockets would be inherited, and stay open when this process closes them.
  posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
  const int error = ::posix_spawn(&pid_, kProgram, &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) {
    throw std::runtime_error(std::string{kProgram} + " cannot be started");
  }
}

NodeProcess::~NodeProcess() {
  if (pid_ != 0) {
    signal(SIGKILL);
    wait();
  }
}

void NodeProcess::signal(int number) const {
  ::kill(pid_, number);
}

int NodeProcess::wait() {
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = 0;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

NodeCluster::NodeCluster(asio::io_context& context, std::filesystem::path directory,
                         nlohmann::json raft)
    : directory_(std::move(directory)), endpoints_(free_endpoints(context, kNodes)) {
  for (const HostId node : nodes()) {
    nlohmann::json config{{"id", node.value()},
                          {"listen", endpoint_text(endpoint(node))},
                          {"data_dir", file(node, "data").string()},
                          {"journal", file(node, "journal").string()},
                          {"raft", raft},
                          {"peers", nlohmann::json::array()}};
    for (const HostId peer : nodes()) {
      if (peer != node) {
        config["peers"].push_back(
            {{"id", peer.value()}, {"address", endpoint_text(endpoint(peer))}});
      }
    }
    std::ofstream{file(node, "json")} << config.dump(2);
  }
}

std::vector<HostId> NodeCluster::nodes() const {
  return {HostId{0}, HostId{1}, HostId{2}};
}

std::filesystem::path NodeCluster::file(HostId node, const char* suffix) const {
  return directory_ / ("node-" + std::to_string(node.value()) + "." + suffix);
}

void NodeCluster::start(HostId node) {
  processes_[node.value()].emplace(std::vector{file(node, "json").string()}, file(node, "log"));
}

void NodeCluster::kill(HostId node) {
  processes_[node.value()].reset();
}

int NodeCluster::terminate(HostId node) {
  processes_[node.value()]->signal(SIGTERM);
  return processes_[node.value()]->wait();
}

Election NodeCluster::last_election() const {
  Election last;
  for (const HostId node : nodes()) {
    std::ifstream lines{file(node, "journal")};
    for (std::string line; std::getline(lines, line);) {
      const auto fact = nlohmann::json::parse(line, nullptr, false);
      // A node that was killed may have left half a line.
      if (fact.is_discarded() || fact["fact"] != "raft.leader_elected") {
        continue;
      }
      const auto term = fact["fields"]["term"].get<std::uint64_t>();
      if (term > last.term) {
        last = {term, node};
      }
    }
  }
  return last;
}

}  // namespace windtunnel::live
