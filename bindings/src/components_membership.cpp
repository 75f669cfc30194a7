#include <memory>
#include <string>
#include <utility>

#include <pybind11/stl.h>

#include "bindings/src/component_values.hpp"
#include "bindings/src/components.hpp"
#include "models/health/swim.hpp"
#include "models/health/vrrp.hpp"

namespace windtunnel::health {

BOOST_DESCRIBE_ENUM(ProbeOrder, round_robin, uniform)
BOOST_DESCRIBE_STRUCT(SwimOptions, (),
                      (probe_order, probe_interval, probe_timeout, indirect_checks, nack_after,
                       gossip_interval, gossip_nodes, gossip_to_the_dead_time,
                       retransmit_multiplier, rumors_per_message_max, suspicion_multiplier,
                       suspicion_max_timeout_multiplier, awareness_max_multiplier,
                       push_pull_interval))
BOOST_DESCRIBE_ENUM(VrrpVersion, v2, v3)
BOOST_DESCRIBE_ENUM(VrrpState, initialize, backup, active)
BOOST_DESCRIBE_ENUM(VrrpPreemption, allowed, disabled)
BOOST_DESCRIBE_STRUCT(VrrpOptions, (),
                      (version, virtual_router_id, priority, advertisement_interval_centiseconds,
                       preemption, primary_address))

}  // namespace windtunnel::health

namespace windtunnel::bindings {

using namespace health;

namespace {

std::string describe(const SwimMessage& message) {
  return fmt::format("<{} {}->{} target={} rumors={}>",
                     bindings::name_of<SwimMessageType>(message.type), message.from.value(),
                     message.to.value(), message.target.value(), message.rumors.size());
}

/// One member; what it sends is the caller's to deliver.
class SwimFace {
 public:
  SwimFace(std::uint32_t self, std::uint64_t seed, double now, const py::kwargs& arguments)
      : self_(self) {
    Given given{arguments, "Swim"};
    SwimOptions options;
    given.read(options);
    given.refuse_unknown();
    list_parameters(values_, options);
    swim_ = constructed("Swim", [&] {
      return std::make_unique<Swim>(HostId{self}, options, time_.at(now),
                                    RandomStream{seed, fmt::format("swim:{}", self)});
    });
  }
  void add_member(double now, std::uint32_t member) {
    swim_->add_member(time_.at(now), HostId{member});
  }
  std::vector<SwimMessage> join(std::uint32_t contact) {
    swim_->join(HostId{contact});
    return sent();
  }
  std::vector<SwimMessage> leave() {
    swim_->leave();
    return sent();
  }
  std::vector<SwimMessage> step(double now, const SwimMessage& message) {
    swim_->step(time_.at(now), message);
    return sent();
  }
  std::vector<SwimMessage> advance(double now) {
    swim_->on_deadline(time_.at(now));
    return sent();
  }
  [[nodiscard]] std::optional<std::string> state_of(std::uint32_t member) const {
    const auto state = swim_->state_of(HostId{member});
    return state ? std::optional{bindings::name_of<MemberState>(*state)} : std::nullopt;
  }
  py::list take_events() {
    py::list rows;
    for (const MembershipChanged& event : swim_->events()) {
      py::dict row;
      row["at"] = seconds_of(event.at);
      row["member"] = event.member.value();
      row["state"] = bindings::name_of<MemberState>(event.state);
      row["incarnation"] = event.incarnation;
      row["from"] = event.from.value();
      rows.append(row);
    }
    swim_->clear_events();
    return rows;
  }
  [[nodiscard]] double next_deadline() const { return seconds_of(swim_->next_deadline()); }
  [[nodiscard]] std::uint32_t incarnation() const { return swim_->incarnation(); }
  [[nodiscard]] std::uint32_t health_score() const { return swim_->health_score(); }
  [[nodiscard]] std::size_t member_count() const { return swim_->member_count(); }
  [[nodiscard]] bool is_quiet() const { return swim_->is_quiet(); }
  [[nodiscard]] py::dict parameters() const { return values_; }
  [[nodiscard]] std::string repr() const {
    py::dict state;
    state["self"] = self_;
    state["members"] = member_count();
    return repr_text("Swim", values_, state);
  }
  static py::dict defaults() {
    py::dict values;
    list_parameters(values, SwimOptions{});
    return values;
  }

 private:
  std::vector<SwimMessage> sent() {
    std::vector<SwimMessage> messages;
    while (std::optional<SwimMessage> message = swim_->poll()) {
      messages.push_back(std::move(*message));
    }
    return messages;
  }

  std::uint32_t self_;
  py::dict values_;
  TimeLine time_;
  std::unique_ptr<Swim> swim_;
};

std::string describe(const VrrpAdvertisement& advertisement) {
  return fmt::format("VrrpAdvertisement(router={}, priority={}, interval={} cs, sender={})",
                     advertisement.virtual_router_id, advertisement.priority,
                     advertisement.interval_centiseconds, advertisement.sender_address);
}

/// One router of a virtual address; what it multicasts is returned.
class VrrpFace {
 public:
  explicit VrrpFace(const py::kwargs& arguments) {
    Given given{arguments, "VrrpRouter"};
    VrrpOptions options;
    given.read(options);
    given.refuse_unknown();
    list_parameters(values_, options);
    router_ = constructed("VrrpRouter", [&] { return std::make_unique<VrrpRouter>(options); });
  }
  std::optional<VrrpAdvertisement> start(double now) {
    router_->start(time_.at(now));
    return router_->take_advertisement();
  }
  std::optional<VrrpAdvertisement> shutdown(double now) {
    router_->shutdown(time_.at(now));
    return router_->take_advertisement();
  }
  std::optional<VrrpAdvertisement> step(double now, const VrrpAdvertisement& heard) {
    router_->step(time_.at(now), heard);
    return router_->take_advertisement();
  }
  std::optional<VrrpAdvertisement> advance(double now) {
    router_->on_deadline(time_.at(now));
    return router_->take_advertisement();
  }
  [[nodiscard]] std::string state() const { return bindings::name_of<VrrpState>(router_->state()); }
  [[nodiscard]] double next_deadline() const { return seconds_of(router_->next_deadline()); }
  [[nodiscard]] double down_interval() const { return seconds_of(router_->down_interval()); }
  [[nodiscard]] py::dict parameters() const { return values_; }
  [[nodiscard]] std::string repr() const {
    py::dict now;
    now["state"] = state();
    now["next_deadline"] = next_deadline();
    return repr_text("VrrpRouter", values_, now);
  }
  static py::dict defaults() {
    py::dict values;
    list_parameters(values, VrrpOptions{});
    return values;
  }

 private:
  py::dict values_;
  TimeLine time_;
  std::unique_ptr<VrrpRouter> router_;
};

}  // namespace

void bind_membership(py::module_& module) {
  using py::arg;
  py::class_<SwimMessage>(module, "SwimMessage", "What one member says to another.")
      .def_property_readonly(
          "type", [](const SwimMessage& m) { return bindings::name_of<SwimMessageType>(m.type); })
      .def_property_readonly("sender", [](const SwimMessage& m) { return m.from.value(); })
      .def_property_readonly("receiver", [](const SwimMessage& m) { return m.to.value(); })
      .def_property_readonly("target", [](const SwimMessage& m) { return m.target.value(); })
      .def_property_readonly("rumors",
                             [](const SwimMessage& m) {
                               py::list rows;
                               for (const Rumor& rumor : m.rumors) {
                                 rows.append(value_to(rumor));
                               }
                               return rows;
                             })
      .def("__repr__", [](const SwimMessage& message) { return describe(message); });
  py::class_<SwimFace>(module, "Swim",
                       "One member of a group that watches itself (SWIM with Lifeguard, as in "
                       "memberlist). Calls return the messages to send.")
      .def(py::init([](std::uint32_t self, std::uint64_t seed, double now,
                       const py::kwargs& parameters) {
             return std::make_unique<SwimFace>(self, seed, now, parameters);
           }),
           arg("member") = 0, py::kw_only(), arg("seed") = 0, arg("now") = 0.0)
      .def("add_member", &SwimFace::add_member, arg("now"), arg("member"))
      .def("join", &SwimFace::join, arg("contact"))
      .def("leave", &SwimFace::leave)
      .def("step", &SwimFace::step, arg("now"), arg("message"))
      .def("advance", &SwimFace::advance, arg("now"))
      .def("state_of", &SwimFace::state_of, arg("member"))
      .def("take_events", &SwimFace::take_events)
      .def_property_readonly("next_deadline", &SwimFace::next_deadline)
      .def_property_readonly("incarnation", &SwimFace::incarnation)
      .def_property_readonly("health_score", &SwimFace::health_score)
      .def_property_readonly("member_count", &SwimFace::member_count)
      .def_property_readonly("is_quiet", &SwimFace::is_quiet)
      .def_property_readonly("parameters", &SwimFace::parameters)
      .def_static("defaults", &SwimFace::defaults)
      .def("__repr__", &SwimFace::repr);
  py::class_<VrrpAdvertisement>(module, "VrrpAdvertisement", "What an active router multicasts.")
      .def_readonly("priority", &VrrpAdvertisement::priority)
      .def_readonly("virtual_router_id", &VrrpAdvertisement::virtual_router_id)
      .def_readonly("interval_centiseconds", &VrrpAdvertisement::interval_centiseconds)
      .def_readonly("sender_address", &VrrpAdvertisement::sender_address)
      .def("__repr__", [](const VrrpAdvertisement& sent) { return describe(sent); });
  py::class_<VrrpFace>(module, "VrrpRouter",
                       "One router of a virtual address. Calls return what it multicasts, or None.")
      .def(py::init<const py::kwargs&>())
      .def("start", &VrrpFace::start, arg("now"))
      .def("shutdown", &VrrpFace::shutdown, arg("now"))
      .def("step", &VrrpFace::step, arg("now"), arg("advertisement"))
      .def("advance", &VrrpFace::advance, arg("now"))
      .def_property_readonly("state", &VrrpFace::state)
      .def_property_readonly("next_deadline", &VrrpFace::next_deadline)
      .def_property_readonly("down_interval", &VrrpFace::down_interval)
      .def_property_readonly("parameters", &VrrpFace::parameters)
      .def_static("defaults", &VrrpFace::defaults)
      .def("__repr__", &VrrpFace::repr);
}

}  // namespace windtunnel::bindings
