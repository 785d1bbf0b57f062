#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "policy/cross_check.h"
#include "policy/value_reader.h"

namespace entente::policy {
namespace {

constexpr size_t kMaxNamesShown = 20;

void ReportUndeclared(absl::string_view what, absl::string_view name,
                      const std::set<std::string>& declared, const Path& path,
                      Reporter* reporter) {
  std::vector<std::string> shown(declared.begin(), declared.end());
  const std::string nearest = Nearest(name, shown);
  if (shown.size() > kMaxNamesShown) {
    shown.resize(kMaxNamesShown);
    shown.push_back("...");
  }
  std::string hint = absl::StrJoin(shown, ", ");
  if (!nearest.empty()) {
    hint = absl::StrCat("did you mean ", nearest, "? ", hint);
  }
  reporter->Error(path,
                  absl::StrCat(what, " ", Quoted(name), " is not declared"),
                  hint.empty() ? "none is declared" : hint);
}

// Names that are declared in any of `Maps`, which it borrows, and what they are
// called in messages.
template <typename... Maps>
class Names {
 public:
  explicit Names(absl::string_view what, const Maps&... declared)
      : what_(what), declared_(declared...) {}

  // Reports `name` at `path` unless it is declared or empty (not read).
  void Check(const std::string& name, const Path& path,
             Reporter* reporter) const {
    if (name.empty() || IsDeclared(name)) return;
    std::set<std::string> all;
    const auto add = [&all](const auto& map) {
      for (const auto& [known, unused] : map) all.insert(known);
    };
    std::apply([&add](const Maps&... maps) { (add(maps), ...); }, declared_);
    ReportUndeclared(what_, name, all, path, reporter);
  }

  void CheckAll(const std::vector<std::string>& names, const Path& path,
                Reporter* reporter) const {
    for (size_t i = 0; i < names.size(); ++i) {
      Check(names[i], path.Item(i), reporter);
    }
  }

 private:
  bool IsDeclared(const std::string& name) const {
    return std::apply(
        [&name](const Maps&... maps) {
          return (... || (maps.count(name) > 0));
        },
        declared_);
  }

  const absl::string_view what_;
  const std::tuple<const Maps&...> declared_;
};

void CheckFieldNames(const Flow& flow, const Dataset& dataset, const Path& path,
                     Reporter* reporter) {
  const Names fields("field", dataset.fields);
  const Names either("field", dataset.fields, dataset.identifiers);
  const Path release = path.Key("release");
  for (const auto& [name, treatment] : flow.release) {
    const Path at = release.Key(name);
    either.Check(name, at, reporter);
    either.Check(treatment.per, at.Key("per"), reporter);
  }
  const Path rows = path.Key("rows");
  for (size_t i = 0; i < flow.rows.size(); ++i) {
    const Path rule = rows.Item(i);
    fields.Check(flow.rows[i].field, rule.Key("field"), reporter);
  }
  const Path retention = path.Key("retention");
  fields.Check(flow.retention.no_later_than_field,
               retention.Key("no_later_than_field"), reporter);
}

void CheckBreakGlass(const Agreement& agreement, Reporter* reporter) {
  if (!agreement.break_glass.has_value()) return;
  const Names datasets("data set", agreement.datasets);
  const Path sets("break_glass.fields");
  for (const auto& [id, fields] : agreement.break_glass->fields) {
    const Path path = sets.Key(id);
    datasets.Check(id, path, reporter);
    const auto dataset = agreement.datasets.find(id);
    if (dataset == agreement.datasets.end()) continue;
    Names("field", dataset->second.fields).CheckAll(fields, path, reporter);
  }
}

void CheckFlowNames(const Agreement& agreement, Reporter* reporter) {
  const Names parties("party", agreement.parties);
  const Names purposes("purpose", agreement.purposes);
  const Names datasets("data set", agreement.datasets);
  const Names lists("list", agreement.lists);
  const Path flows("flows");
  for (size_t i = 0; i < agreement.flows.size(); ++i) {
    const Flow& flow = agreement.flows[i];
    const Path path = flows.Item(i);
    parties.CheckAll(flow.from, path.Key("from"), reporter);
    parties.CheckAll(flow.to, path.Key("to"), reporter);
    purposes.CheckAll(flow.purposes, path.Key("purposes"), reporter);
    datasets.Check(flow.dataset, path.Key("dataset"), reporter);
    const Path release = path.Key("release");
    for (const auto& [name, treatment] : flow.release) {
      const Path at = release.Key(name);
      lists.Check(treatment.list, at.Key("list"), reporter);
    }
    const auto dataset = agreement.datasets.find(flow.dataset);
    if (dataset != agreement.datasets.end()) {
      CheckFieldNames(flow, dataset->second, path, reporter);
    }
  }
}

}  // namespace

void CheckDeclared(const Agreement& agreement, Reporter* reporter) {
  const Names parties("party", agreement.parties);
  const Names purposes("purpose", agreement.purposes);
  const Names lists("list", agreement.lists);
  const Path bases("lawful_basis");
  for (size_t i = 0; i < agreement.lawful_basis.size(); ++i) {
    const Path path = bases.Item(i);
    parties.CheckAll(agreement.lawful_basis[i].parties, path.Key("parties"),
                     reporter);
    purposes.CheckAll(agreement.lawful_basis[i].purposes, path.Key("purposes"),
                      reporter);
  }
  const Path datasets("datasets");
  for (const auto& [id, dataset] : agreement.datasets) {
    const Path path = datasets.Key(id);
    const Path fields = path.Key("fields");
    for (const auto& [name, field] : dataset.fields) {
      const Path at = fields.Key(name);
      lists.Check(field.list, at.Key("list"), reporter);
    }
  }
  CheckFlowNames(agreement, reporter);
  CheckBreakGlass(agreement, reporter);
  const Path listed("onward.listed");
  for (size_t i = 0; i < agreement.onward.listed.size(); ++i) {
    const Path path = listed.Item(i);
    purposes.CheckAll(agreement.onward.listed[i].purposes, path.Key("purposes"),
                      reporter);
  }
  const Path lines("signatories");
  for (size_t i = 0; i < agreement.signatories.size(); ++i) {
    const Path path = lines.Item(i);
    parties.Check(agreement.signatories[i].party, path.Key("party"), reporter);
  }
}

void CheckUsed(const Agreement& agreement, Reporter* reporter) {
  // A name that could not be read may be any of those declared.
  bool parties_read = reporter->Clean("onward");
  bool purposes_read = true, datasets_read = true;
  bool lists_read = !agreement.datasets.empty();
  std::set<std::string> parties, purposes, datasets, lists;
  for (size_t i = 0; i < agreement.flows.size(); ++i) {
    const Flow& flow = agreement.flows[i];
    const std::string path = absl::StrCat("flows[", i, "]");
    parties_read &=
        reporter->Clean(path + ".from") && reporter->Clean(path + ".to");
    purposes_read &= reporter->Clean(path + ".purposes");
    datasets_read &= reporter->Clean(path + ".dataset");
    lists_read &= reporter->Clean(path + ".release");
    parties.insert(flow.from.begin(), flow.from.end());
    parties.insert(flow.to.begin(), flow.to.end());
    purposes.insert(flow.purposes.begin(), flow.purposes.end());
    datasets.insert(flow.dataset);
    for (const auto& [name, treatment] : flow.release) {
      lists.insert(treatment.list);
    }
  }
  if (agreement.flows.empty()) return;  // and reported
  for (const auto& [id, dataset] : agreement.datasets) {
    lists_read &= reporter->CleanOption("datasets", id + ".fields");
    for (const auto& [name, field] : dataset.fields) lists.insert(field.list);
  }
  for (const OnwardTo& onward : agreement.onward.listed) {
    parties.insert(onward.to);
  }
  const auto check = [reporter](bool all_read, const auto& declared,
                                const std::set<std::string>& used,
                                absl::string_view section,
                                absl::string_view allowed) {
    for (const auto& [name, unused] : declared) {
      if (!all_read || used.count(name) > 0) continue;
      reporter->Error(absl::StrCat(section, ".", name), "is never used",
                      allowed);
    }
  };
  check(parties_read, agreement.parties, parties, "parties",
        "named in a flow, or, if a processor, listed in onward");
  check(purposes_read, agreement.purposes, purposes, "purposes",
        "named in a flow");
  check(datasets_read, agreement.datasets, datasets, "datasets",
        "named in a flow");
  check(lists_read, agreement.lists, lists, "lists",
        "named by a field or by a treatment category");
}

}  // namespace entente::policy
