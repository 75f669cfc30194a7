#include "chaos/run/wire_names.hpp"

#include "models/config/facts.hpp"
#include "models/config/messages.hpp"
#include "models/gate/messages.hpp"
#include "models/health/facts.hpp"
#include "models/health/swim_message.hpp"
#include "models/health/virtual_addresses.hpp"
#include "models/identity/facts.hpp"
#include "models/identity/messages.hpp"
#include "models/kv/node_messages.hpp"
#include "models/kv/workload.hpp"
#include "models/proxy/facts.hpp"
#include "models/proxy/quota_messages.hpp"
#include "models/raft/facts.hpp"
#include "models/raft/service.hpp"
#include "models/registry/facts.hpp"
#include "models/replica/facts.hpp"
#include "models/replica/messages.hpp"
#include "models/replica/workload.hpp"
#include "models/rollout/facts.hpp"
#include "models/service/facts.hpp"
#include "models/service/health_messages.hpp"
#include "models/service/messages.hpp"
#include "sim/stream_table.hpp"

namespace windtunnel::chaos {

std::vector<std::string_view> wire_names() {
  std::vector<std::string_view> names{raft::CandidacyStarted::kWireName,
                                      raft::VoteGranted::kWireName,
                                      raft::LeaderElected::kWireName,
                                      raft::SteppedDown::kWireName,
                                      raft::CommitAdvanced::kWireName,
                                      raft::EntryApplied::kWireName,
                                      raft::Restarted::kWireName,
                                      raft::StorageFailed::kWireName,
                                      kv::OperationInvoked::kWireName,
                                      kv::OperationEnded::kWireName,
                                      config::SubscribeRequest::kWireName,
                                      config::SubscribeToRequest::kWireName,
                                      config::SubscribeResponse::kWireName,
                                      config::Unsubscribe::kWireName,
                                      config::PushMessage::kWireName,
                                      config::PushAnswer::kWireName,
                                      config::ConfigCommitted::kWireName,
                                      config::ConfigFed::kWireName,
                                      config::ConfigSettled::kWireName,
                                      config::ConfigPushed::kWireName,
                                      config::ConfigRefused::kWireName,
                                      config::ConfigReceived::kWireName,
                                      config::ConfigApplied::kWireName,
                                      rollout::RolloutMoved::kWireName,
                                      proxy::VersionReport::kWireName,
                                      proxy::BreakerChanged::kWireName,
                                      proxy::EndpointEjected::kWireName,
                                      proxy::EjectionPrevented::kWireName,
                                      proxy::EndpointReturned::kWireName,
                                      proxy::EndpointsKept::kWireName,
                                      registry::InstanceRegistered::kWireName,
                                      kv::LeaseRevoked::kWireName,
                                      proxy::EndpointFailedChecks::kWireName,
                                      proxy::EndpointPassedChecks::kWireName,
                                      proxy::QuotaLeased::kWireName,
                                      proxy::QuotaLeaseLost::kWireName,
                                      proxy::QuotaAsk::kWireName,
                                      proxy::QuotaAnswer::kWireName,
                                      service::HealthProbe::kWireName,
                                      service::HealthAnswer::kWireName,
                                      service::Request::kWireName,
                                      service::Response::kWireName,
                                      service::Cancel::kWireName,
                                      service::ServiceStarted::kWireName,
                                      service::SheddingStarted::kWireName,
                                      service::SheddingEnded::kWireName,
                                      sim::StreamSegment::kWireName,
                                      replica::WriteRequest::kWireName,
                                      replica::WriteResponse::kWireName,
                                      replica::ReadRequest::kWireName,
                                      replica::ReadResponse::kWireName,
                                      replica::Push::kWireName,
                                      replica::PushAnswer::kWireName,
                                      replica::RepairHello::kWireName,
                                      replica::RepairOpened::kWireName,
                                      replica::RepairRequest::kWireName,
                                      replica::RepairResponse::kWireName,
                                      replica::OperationAccepted::kWireName,
                                      replica::OperationsSeen::kWireName,
                                      replica::OperationRefused::kWireName,
                                      replica::HintsDropped::kWireName,
                                      replica::RepairEnded::kWireName,
                                      replica::DeletionsForgotten::kWireName,
                                      replica::StorageFailed::kWireName,
                                      replica::CallInvoked::kWireName,
                                      replica::CallEnded::kWireName,
                                      health::SwimMessage::kWireName,
                                      health::MemberFoundDead::kWireName,
                                      health::MemberFoundAlive::kWireName,
                                      health::AddressAdvertised::kWireName,
                                      health::AddressTaken::kWireName,
                                      health::AddressYielded::kWireName,
                                      identity::SigningRequest::kWireName,
                                      identity::SigningResponse::kWireName,
                                      identity::WorkloadReport::kWireName,
                                      identity::HandshakeRequest::kWireName,
                                      identity::HandshakeResponse::kWireName,
                                      identity::CertificateInstalled::kWireName,
                                      identity::CertificateExpired::kWireName,
                                      identity::HandshakeEnded::kWireName,
                                      identity::RotationMoved::kWireName,
                                      gate::ReviewRequest::kWireName,
                                      gate::ReviewResponse::kWireName,
                                      gate::ChangeReviewed::kWireName,
                                      gate::BundleActivated::kWireName,
                                      gate::BundleRefused::kWireName};
  names.insert(names.end(), kv::kNodeMessageNames.begin(), kv::kNodeMessageNames.end());
  return names;
}

}  // namespace windtunnel::chaos
