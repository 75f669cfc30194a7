// The program windtunnel-node: one node of the replicated store on real sockets, clocks and files,
// until SIGTERM or SIGINT.
#include <csignal>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <memory>

#include <CLI/CLI.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <fmt/format.h>

#include "chaos/node/node_config.hpp"
#include "live/live_host.hpp"
#include "models/kv/node.hpp"
#include "models/kv/node_messages.hpp"

namespace windtunnel::chaos {
namespace {

enum ExitCode : int { kStopped = 0, kBadInput = 3, kInternalError = 4 };

/// What the node needs and cannot have: an address in use, a directory that cannot be written.
class Unusable : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

live::HostTable hosts_of(const NodeConfig& config) {
  live::HostTable hosts;
  hosts.add(config.id, {config.name, config.listen});
  for (const NodePeer& peer : config.peers) {
    hosts.add(peer.id, {peer.name, peer.address});
  }
  return hosts;
}

/// The stream of the journal: standard output, `file` once opened, or none.
std::ostream* open_journal(const std::string& path, std::ofstream& file) {
  if (path.empty()) {
    return nullptr;
  }
  if (path == "-") {
    return &std::cout;
  }
  file.open(path, std::ios::app | std::ios::binary);
  if (!file) {
    throw Unusable{fmt::format("journal {}: cannot be written", path)};
  }
  return &file;
}

std::unique_ptr<live::LiveHost> make_host(asio::io_context& context, const NodeConfig& config,
                                          std::ostream* journal) {
  const live::LiveHostOptions options{.id = config.id,
                                      .name = config.name,
                                      .listen = config.listen,
                                      .data_directory = config.data_directory,
                                      .seed = config.seed,
                                      .journal = journal};
  try {
    return std::make_unique<live::LiveHost>(
        context, options, live::TypeRegistry::of(kv::NodeMessages{}), hosts_of(config));
  } catch (const std::filesystem::filesystem_error& error) {
    throw Unusable{error.what()};
  } catch (const boost::system::system_error& error) {
    throw Unusable{fmt::format("{} or {}: {}", live::endpoint_text(config.listen),
                               config.data_directory, error.code().message())};
  }
}

void run_node(const NodeConfig& config) {
  std::ofstream file;
  std::ostream* journal = open_journal(config.journal, file);
  asio::io_context context{1};
  asio::signal_set signals{context, SIGTERM, SIGINT};
  signals.async_wait([&context](error_code error, int) {
    if (!error) {
      context.stop();
    }
  });
  const auto host = make_host(context, config, journal);
  host->start([&config](Host& machine) {
    return std::make_unique<kv::Node>(machine, kv::NodeOptions{config.raft});
  });
  fmt::print(stderr, "{}: listening at {}\n", config.name, live::endpoint_text(host->endpoint()));
  context.run();
}

int run_program(int argc, char** argv) {
  CLI::App app{"Runs one node of the replicated store until SIGTERM or SIGINT."};
  std::string path;
  app.add_option(
         "CONFIG", path,
         "JSON: id, name, listen, peers [{id, name, address}], data_dir, seed, journal (a file or "
         "\"-\"), raft {tick, heartbeat_ticks, election_ticks, pre_vote, check_quorum}")
      ->required();
  app.footer("Exit codes: 0 stopped by a signal, 3 bad input or usage, 4 internal error.");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kStopped : kBadInput;
  }
  try {
    run_node(load_node_config_file(path));
    return kStopped;
  } catch (const BadInput& error) {
    fmt::print(stderr, "{}\n", error.what());
    return kBadInput;
  } catch (const Unusable& error) {
    fmt::print(stderr, "windtunnel-node: {}\n", error.what());
    return kBadInput;
  } catch (const std::exception& error) {
    fmt::print(stderr, "windtunnel-node: internal error: {}\n", error.what());
    return kInternalError;
  }
}

}  // namespace
}  // namespace windtunnel::chaos

int main(int argc, char** argv) {
  return windtunnel::chaos::run_program(argc, argv);
}
