#include <csignal>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "tests/live/node_process.hpp"

namespace windtunnel::live {
namespace {

class NodeProgramTest : public LiveCluster {
 protected:
  struct Ended {
    int code = 0;
    std::string output;
  };

  Ended run(const std::vector<std::string>& arguments) {
    const auto log = directory_.path() / "log";
    NodeProcess process{arguments, log};
    const int code = process.wait();
    std::ostringstream output;
    output << std::ifstream{log}.rdbuf();
    return {code, output.str()};
  }

  std::string config(const std::string& text) {
    const auto path = directory_.path() / "config.json";
    std::ofstream{path} << text;
    return path.string();
  }
};

TEST_F(NodeProgramTest, ExplainsItself) {
  const Ended ended = run({"--help"});

  EXPECT_EQ(ended.code, 0);
  EXPECT_NE(ended.output.find("Exit codes"), std::string::npos);
}

TEST_F(NodeProgramTest, RefusesToRunWithoutAConfiguration) {
  EXPECT_EQ(run({}).code, 3);
  EXPECT_EQ(run({(directory_.path() / "absent").string()}).code, 3);
}

TEST_F(NodeProgramTest, NamesEveryProblemOfItsConfigurationWithItsPlace) {
  const std::string path = config(R"({
  "id": 0,
  "listen": "localhost:80",
  "peers": [{"id": 0, "address": "127.0.0.1:7001"}],
  "data_dri": "/tmp/x",
  "raft": {"tick": "10", "election_ticks": 1}
})");

  const Ended ended = run({path});

  EXPECT_EQ(ended.code, 3);
  for (const char* place :
       {":3:13: /listen: ", ":4:13: /peers/0: found the id 0 again", "did you mean \"data_dir\"",
        ":6:20: /raft/tick: ", "more election_ticks than heartbeat_ticks",
        "\"data_dir\", which is required"}) {
    EXPECT_NE(ended.output.find(place), std::string::npos) << place << "\nin\n" << ended.output;
  }
}

TEST_F(NodeProgramTest, SaysSoWhereItsAddressIsTaken) {
  asio::ip::tcp::acceptor taken{context_, *parse_endpoint("127.0.0.1:0")};
  const std::string path =
      config(R"({"id": 0, "listen": ")" + endpoint_text(taken.local_endpoint()) +
             R"(", "peers": [], "data_dir": ")" + (directory_.path() / "data").string() + "\"}");

  const Ended ended = run({path});

  EXPECT_EQ(ended.code, 3);
  EXPECT_NE(ended.output.find("already in use"), std::string::npos) << ended.output;
}

TEST_F(NodeProgramTest, StopsCleanlyWhenAskedTo) {
  NodeCluster cluster{context_, directory_.path(), {{"tick", "10ms"}}};
  for (const HostId node : cluster.nodes()) {
    cluster.start(node);
  }
  run_until([&] { return cluster.last_election().term > 0; });

  for (const HostId node : cluster.nodes()) {
    EXPECT_EQ(cluster.terminate(node), 0);
  }
}

}  // namespace
}  // namespace windtunnel::live
