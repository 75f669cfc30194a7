// Every message that a node of the replicated store takes or sends: the one list for whoever must
// know them all by their wire ids.
#pragma once

#include <array>
#include <string_view>

#include <boost/mp11/list.hpp>

#include "models/kv/lease_messages.hpp"
#include "models/kv/messages.hpp"
#include "models/kv/watch_messages.hpp"
#include "models/raft/message.hpp"

namespace windtunnel::kv {

using NodeMessages =
    boost::mp11::mp_list<raft::Message, WriteRequest, WriteResponse, ReadRequest, ReadResponse,
                         ScanRequest, ScanResponse, ChangeRequest, ChangeResponse,
                         LeaseGrantRequest, LeaseRevokeRequest, LeaseResponse, KeepAliveRequest,
                         KeepAliveResponse, WatchCreateRequest, WatchCreateResponse, WatchBatch,
                         WatchAcknowledge, WatchCancel, WatchEnded>;

template <typename... Message>
constexpr std::array<std::string_view, sizeof...(Message)> wire_names_of(
    boost::mp11::mp_list<Message...>) {
  return {Message::kWireName...};
}

inline constexpr std::array kNodeMessageNames = wire_names_of(NodeMessages{});

}  // namespace windtunnel::kv
