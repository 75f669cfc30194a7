// The columns of a run for NumPy: structured arrays that are views of the record's own memory.

#include <array>
#include <bit>
#include <cstddef>
#include <limits>
#include <string_view>

#include <pybind11/numpy.h>
#include <pybind11/stl.h>

#include "bindings/src/runs.hpp"

namespace windtunnel::bindings {

namespace {

// Narrow fields are read from the low bytes of wide ones.
static_assert(std::endian::native == std::endian::little);

constexpr const char* kInt64 = "<i8";
constexpr const char* kUInt64 = "<u8";
constexpr const char* kUInt32 = "<u4";
constexpr const char* kUInt16 = "<u2";
constexpr const char* kUInt8 = "u1";
constexpr const char* kCode = "i1";  // Of an enumeration.
constexpr const char* kBool = "?";

/// The integers that pandas takes for the codes of as many categories: with any other width it
/// would copy them. Nobody, all bits set, is -1 in each, which is "missing" to pandas.
const char* host_format(const chaos::RunRecord& record) {
  const std::size_t hosts = record.host_names.size();
  if (hosts < std::numeric_limits<std::int8_t>::max()) {
    return "i1";
  }
  return hosts < std::numeric_limits<std::int16_t>::max() ? "<i2" : "<i4";
}

/// Describes the fields of a struct to NumPy.
class Fields {
 public:
  Fields& add(const char* name, const char* format, std::size_t offset) {
    names_.append(name);
    formats_.append(format);
    offsets_.append(offset);
    return *this;
  }

  [[nodiscard]] py::dtype dtype(std::size_t bytes) const {
    return {names_, formats_, offsets_, static_cast<py::ssize_t>(bytes)};
  }

 private:
  py::list names_;
  py::list formats_;
  py::list offsets_;
};

/// A read-only array over `rows`, which `owner` keeps alive.
template <typename Row>
py::array view_of(const std::vector<Row>& rows, const Fields& fields, const py::object& owner) {
  py::array view{fields.dtype(sizeof(Row)), {rows.size()}, {sizeof(Row)}, rows.data(), owner};
  view.attr("flags").attr("writeable") = false;
  return view;
}

/// What operations on the store and requests to a service have in common.
Fields operation_fields(const chaos::RunRecord& run) {
  using Row = chaos::OperationRecord;
  return Fields{}
      .add("client", host_format(run), offsetof(Row, client))
      .add("outcome", kCode, offsetof(Row, outcome))
      .add("attempts", kUInt16, offsetof(Row, attempts))
      .add("invoked_ns", kInt64, offsetof(Row, invoked_at))
      .add("ended_ns", kInt64, offsetof(Row, ended_at))
      .add("picked", host_format(run), offsetof(Row, picked))
      .add("policy", kUInt32, offsetof(Row, policy));
}

py::array operations_of(const chaos::RunRecord& run, const py::object& owner) {
  return view_of(run.operations,
                 operation_fields(run).add("kind", kCode, offsetof(chaos::OperationRecord, kind)),
                 owner);
}

Fields event_fields(const chaos::RunRecord& run) {
  using Row = sim::TracedEvent;
  return Fields{}
      .add("at_ns", kInt64, offsetof(Row, at_nanoseconds))
      .add("host", host_format(run), offsetof(Row, host))
      .add("kind", kCode, offsetof(Row, kind))
      .add("subject", kUInt32, offsetof(Row, subject))
      .add("type", kUInt32, offsetof(Row, type))
      .add("content", kUInt64, offsetof(Row, content));
}

py::array candidacies_of(const chaos::RunRecord& run, const py::object& owner) {
  using Row = chaos::CandidacyRecord;
  return view_of(run.candidacies,
                 Fields{}
                     .add("at_ns", kInt64, offsetof(Row, at))
                     .add("host", host_format(run), offsetof(Row, host))
                     .add("term", kUInt64, offsetof(Row, term))
                     .add("pre_vote", kBool, offsetof(Row, pre_vote)),
                 owner);
}

py::array leaders_of(const chaos::RunRecord& run, const py::object& owner) {
  using Row = chaos::LeaderRecord;
  return view_of(run.leaders,
                 Fields{}
                     .add("at_ns", kInt64, offsetof(Row, at))
                     .add("host", host_format(run), offsetof(Row, host))
                     .add("term", kUInt64, offsetof(Row, term)),
                 owner);
}

py::array commits_of(const chaos::RunRecord& run, const py::object& owner) {
  using Row = chaos::CommitRecord;
  return view_of(run.commits,
                 Fields{}
                     .add("at_ns", kInt64, offsetof(Row, at))
                     .add("host", host_format(run), offsetof(Row, host))
                     .add("term", kUInt64, offsetof(Row, term))
                     .add("index", kUInt64, offsetof(Row, index)),
                 owner);
}

py::array pushes_of(const chaos::RunRecord& run, const py::object& owner) {
  using Row = chaos::PushRecord;
  return view_of(run.pushes,
                 Fields{}
                     .add("at_ns", kInt64, offsetof(Row, at))
                     .add("node", host_format(run), offsetof(Row, node))
                     .add("proxy", host_format(run), offsetof(Row, proxy))
                     .add("revision", kUInt64, offsetof(Row, revision))
                     .add("bytes", kUInt64, offsetof(Row, bytes)),
                 owner);
}

py::array settled_of(const chaos::RunRecord& run, const py::object& owner) {
  using Row = chaos::PolicySettledRecord;
  return view_of(run.policies_settled,
                 Fields{}
                     .add("at_ns", kInt64, offsetof(Row, at))
                     .add("node", host_format(run), offsetof(Row, node))
                     .add("revision", kUInt64, offsetof(Row, revision)),
                 owner);
}

/// Of a version that came to a proxy, or that it enforces.
template <typename Row>
py::array at_proxies(const std::vector<Row>& rows, const chaos::RunRecord& run,
                     const py::object& owner) {
  return view_of(rows,
                 Fields{}
                     .add("at_ns", kInt64, offsetof(Row, at))
                     .add("proxy", host_format(run), offsetof(Row, proxy))
                     .add("revision", kUInt64, offsetof(Row, revision)),
                 owner);
}

py::array enrolments_of(const chaos::RunRecord& run, const py::object& owner) {
  using Row = chaos::EnrolmentRecord;
  return view_of(run.enrolments,
                 Fields{}
                     .add("at_ns", kInt64, offsetof(Row, at))
                     .add("host", host_format(run), offsetof(Row, host)),
                 owner);
}

const chaos::ServiceRecord& service_of(const CompletedRun& run, std::string_view name) {
  for (const chaos::ServiceRecord& service : run.record.services) {
    if (service.name == name) {
      return service;
    }
  }
  throw py::key_error(std::string{name});
}

py::array requests_of(const CompletedRun& run, std::string_view name, const py::object& owner) {
  const chaos::ServiceRecord& service = service_of(run, name);
  // As host_format(): from so many categories on, pandas copies.
  const bool is_narrow = service.versions.size() < std::numeric_limits<std::int8_t>::max();
  return view_of(
      service.requests,
      operation_fields(run.record)
          .add("version", is_narrow ? kCode : kUInt8, offsetof(chaos::OperationRecord, version)),
      owner);
}

}  // namespace

void bind_columns(py::class_<CompletedRun>& run) {
  const auto add = [&](const char* name, auto columns_of) {
    run.def_property_readonly(name, [columns_of](const py::object& owner) {
      return columns_of(owner.cast<const CompletedRun&>(), owner);
    });
  };
  using Run = CompletedRun;
  using Owner = py::object;
  add("operations",
      [](const Run& of, const Owner& owner) { return operations_of(of.record, owner); });
  add("events", [](const Run& of, const Owner& owner) {
    return view_of(of.trace, event_fields(of.record), owner);
  });
  add("candidacies",
      [](const Run& of, const Owner& owner) { return candidacies_of(of.record, owner); });
  add("leaders", [](const Run& of, const Owner& owner) { return leaders_of(of.record, owner); });
  add("commits", [](const Run& of, const Owner& owner) { return commits_of(of.record, owner); });
  add("pushes", [](const Run& of, const Owner& owner) { return pushes_of(of.record, owner); });
  add("policies_settled",
      [](const Run& of, const Owner& owner) { return settled_of(of.record, owner); });
  add("policies_received", [](const Run& of, const Owner& owner) {
    return at_proxies(of.record.policies_received, of.record, owner);
  });
  add("policies_applied", [](const Run& of, const Owner& owner) {
    return at_proxies(of.record.policies_applied, of.record, owner);
  });
  add("enrolments",
      [](const Run& of, const Owner& owner) { return enrolments_of(of.record, owner); });
  run.def(
      "requests",
      [](const py::object& owner, std::string_view service) {
        return requests_of(owner.cast<const CompletedRun&>(), service, owner);
      },
      py::arg("service"));
  run.def(
      "versions",
      [](const CompletedRun& of, std::string_view service) {
        return service_of(of, service).versions;
      },
      py::arg("service"));
}

}  // namespace windtunnel::bindings
