// SPDX-License-Identifier: BSD-3-Clause
// Path exploration by deterministic re-execution: the harness runs once for each combination of decisions it
// can take.
#pragma once
#include <functional>
#include <source_location>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "machine/domain/symbolic_outcome.hpp"
#include "machine/domain/symbolic_solver.hpp"

namespace redoubt::smt {

// Ends the current run: an assumption is false or an obligation failed. Not an error, so harnesses do not
// catch it.
struct PathEnd {};

// The trail lists what happened on the current path: decisions, assumptions, proven obligations, in order. A
// run replays it without asking the solver; at its end new events are appended. When the run is over, the
// last decision that has another side is turned round and the harness starts anew, depth first. A run that
// does not meet the trail's own events again is not deterministic, and the exploration stops with an error.
class Engine {
 public:
  explicit Engine(Options options);

  // Runs the harness over all its paths.
  Outcome explore(const std::function<void()>& harness);

  // For the domain (symbolic.hpp) only.
  bool branch(const z3::expr& condition);
  void assume(const z3::expr& fact);
  void prove(std::string_view label, Kind kind, const z3::expr& goal, const std::source_location& where);
  void cover(std::string_view label, const z3::expr& condition);
  void guard(std::string_view label, const z3::expr& condition);
  z3::expr simplify(const z3::expr& term);
  int known(
      const z3::expr& condition) const;  // on this path, without the solver: 1 true, 0 false, -1 not known
  z3::expr name(std::string_view text);  // an arbitrary word
  z3::expr cell(const std::string& map, const z3::expr& k0,
                const z3::expr& k1);  // of a map's initial contents
  // `body` with `value` in the place of the name `index`; its cells count as looked at.
  z3::expr instance(const z3::expr& body, const z3::expr& index, const z3::expr& value);
  Context& context() { return context_; }

  // While this lives, a decision that the path has not settled is an error.
  class NoForks {
   public:
    explicit NoForks(Engine& engine) : engine_(engine) { engine_.may_fork_ = false; }
    ~NoForks() { engine_.may_fork_ = true; }
    NoForks(const NoForks&) = delete;
    NoForks& operator=(const NoForks&) = delete;

   private:
    Engine& engine_;
  };

 private:
  enum class Kept { decision, assumption, obligation };
  struct Event {
    Kept kind;
    z3::expr fact;    // as simplified, what the path takes to be true
    bool taken;       // of a decision: which way
    bool other_open;  // of a decision: the other way is possible and not yet explored
  };
  struct Cell {
    std::string map;
    z3::expr k0, k1, value;
  };

  bool replaying() const { return position_ < trail_.size(); }
  const Event& replay(Kept kind, const z3::expr& fact);
  void append(Kept kind, const z3::expr& fact, bool taken, bool other_open);
  bool next_path();
  void run(const std::function<void()>& harness);
  void finish_path();

  void note_cells(const z3::expr& term);
  void learn(const z3::expr& fact, bool holds);
  void forget(std::size_t length);

  bool can_hold(const z3::expr& condition, std::string_view what);
  void discharge(std::string_view label, Kind kind, const z3::expr& goal, const std::source_location& where);
  void check_with_second_solver(const std::string& script, Answer ours);
  void export_script(const std::string& script);
  Counterexample decode(const z3::model& model, std::string_view label, Kind kind,
                        const std::source_location& where) const;

  Options options_;
  Context context_;
  Solver solver_;
  Outcome outcome_;

  std::vector<Event> trail_;
  std::size_t position_ = 0;
  bool may_fork_ = true;
  struct Known {
    std::size_t since;  // length of the trail when it was learnt
    bool holds;
  };
  std::unordered_map<unsigned, Known> facts_;
  std::vector<std::pair<unsigned, std::size_t>> learnt_;  // keys of facts_, in order

  // Terms seen by simplify(), kept alive so that the same construction gives the same term in every run.
  std::unordered_map<unsigned, std::pair<z3::expr, z3::expr>> simplified_;

  // Of the current run only.
  std::vector<std::pair<std::string, z3::expr>> names_;
  std::vector<Cell> cells_;
  std::vector<std::pair<std::string, z3::expr>> pending_covers_;
};

}  // namespace redoubt::smt
