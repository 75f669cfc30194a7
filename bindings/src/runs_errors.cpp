#include "bindings/src/runs.hpp"
#include "chaos/run/run_failure.hpp"
#include "chaos/scenario/input_error.hpp"
#include "runtime/check.hpp"
#include "sim/livelock.hpp"

namespace windtunnel::bindings {

namespace {

py::object error_type(const char* name) {
  return py::module_::import("windtunnel.errors").attr(name);
}

void raise(const char* name, const char* text) {
  PyErr_SetString(error_type(name).ptr(), text);
}

void raise(const chaos::BadInput& bad) {
  py::list problems;
  const py::object problem = error_type("Problem");
  for (const chaos::InputError& error : bad.errors()) {
    problems.append(problem(error.place.file, error.place.line, error.place.column, error.pointer,
                            error.found, error.expected, error.nearest));
  }
  const py::object type = error_type("ScenarioError");
  PyErr_SetObject(type.ptr(), type(bad.what(), problems).ptr());
}

}  // namespace

void bind_errors(py::module_& /*module*/) {
  py::register_exception_translator([](std::exception_ptr thrown) {
    try {
      std::rethrow_exception(thrown);
    } catch (const chaos::BadInput& bad) {
      raise(bad);
    } catch (const chaos::RunFailure& failure) {
      raise("RunFailure", failure.what());
    } catch (const sim::Livelock& livelock) {
      raise("Livelock", livelock.what());
    } catch (const ProgrammingError& mistake) {
      raise("ProgrammingError", mistake.what());
    }
  });
}

}  // namespace windtunnel::bindings
