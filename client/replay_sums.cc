#include "client/replay_sums.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/place_list.h"
#include "policy/text_page.h"

namespace entente::client {
namespace {

using policy::ReplayOutcome;

void AddAct(const FoundEntry& found, Flips* flips) {
  ++flips->acts;
  flips->records += found.entry.records;
  flips->entries.push_back(found.place);
}

Record RouteRecord(const FlipRoute& route) {
  return {{"sender", route.sender},
          {"recipient", route.recipient},
          {"purpose", route.purpose},
          {"dataset", route.dataset}};
}

std::string RouteInWords(const FlipRoute& route) {
  return absl::StrCat(route.sender, " to ", route.recipient, ", ",
                      route.dataset, " for ", route.purpose);
}

void AppendSums(const Flips& flips, Record* record) {
  record->emplace_back("acts", flips.acts);
  record->emplace_back("records", flips.records);
}

std::vector<Value> RouteRows(const std::map<FlipRoute, Flips>& flipped) {
  std::vector<Value> rows;
  for (const auto& [route, flips] : flipped) {
    Record row = RouteRecord(route);
    AppendSums(flips, &row);
    std::vector<Value> reasons;
    for (const auto& [reason, acts] : flips.reasons) {
      reasons.emplace_back(Record{
          {"code", reason.first}, {"clause", reason.second}, {"acts", acts}});
    }
    row.emplace_back("reasons", std::move(reasons));
    row.emplace_back("entries", PlaceValues(flips.entries));
    rows.emplace_back(std::move(row));
  }
  return rows;
}

std::string SumsInWords(const Flips& flips) {
  return absl::StrCat(flips.acts, " acts, ", flips.records, " records");
}

void AppendRoutes(absl::string_view heading, absl::string_view because,
                  const std::map<FlipRoute, Flips>& flipped,
                  policy::TextPage* page) {
  if (flipped.empty()) return;
  page->Heading(heading);
  for (const auto& [route, flips] : flipped) {
    page->Item(0, absl::StrCat(RouteInWords(route), ": ", SumsInWords(flips)));
    for (const auto& [reason, acts] : flips.reasons) {
      page->Line(1, absl::StrCat(because, reason.first,
                                 reason.second.empty() ? "" : ", ",
                                 reason.second, ": ", acts));
    }
    page->Line(1, PlacesInWords(flips.entries));
  }
}

}  // namespace

void ReplaySums::Add(const FoundEntry& found, const policy::ReplayedAct& act) {
  const policy::LedgerEntry& entry = found.entry;
  const FlipRoute route = {entry.sender, entry.recipient, entry.purpose,
                           entry.dataset};
  ++acts_;
  switch (act.outcome) {
    case ReplayOutcome::kNotReplayed:
      ++not_replayed_[act.why];
      return;
    case ReplayOutcome::kSameRefused:
      ++same_refused_;
      return;
    case ReplayOutcome::kSameAllowed:
      ++same_allowed_;
      for (const std::string& field : act.lost) {
        AddAct(found, &fields_[{route, field, /*gained=*/false}]);
      }
      for (const std::string& field : act.gained) {
        AddAct(found, &fields_[{route, field, /*gained=*/true}]);
      }
      return;
    case ReplayOutcome::kNewlyRefused: {
      Flips& flips = newly_refused_[route];
      AddAct(found, &flips);
      for (const policy::Failure& failure : act.failures) {
        ++flips.reasons[{failure.Code(), failure.clause}];
      }
      return;
    }
    case ReplayOutcome::kNewlyAllowed: {
      Flips& flips = newly_allowed_[route];
      AddAct(found, &flips);
      for (const policy::EntryReason& reason : entry.reasons) {
        ++flips.reasons[{reason.code, reason.clause}];
      }
      return;
    }
  }
}

Record ReplaySums::ToRecord() const {
  std::vector<Value> fields;
  for (const auto& [flip, flips] : fields_) {
    Record row = RouteRecord(flip.route);
    row.emplace_back("field", flip.field);
    row.emplace_back("flip", flip.gained ? "gained" : "lost");
    AppendSums(flips, &row);
    row.emplace_back("entries", PlaceValues(flips.entries));
    fields.emplace_back(std::move(row));
  }
  std::vector<Value> not_replayed;
  for (const auto& [why, acts] : not_replayed_) {
    not_replayed.emplace_back(Record{{"why", why}, {"acts", acts}});
  }
  return {{"acts", acts_},
          {"same_allowed", same_allowed_},
          {"same_refused", same_refused_},
          {"newly_refused", RouteRows(newly_refused_)},
          {"newly_allowed", RouteRows(newly_allowed_)},
          {"fields", std::move(fields)},
          {"not_replayed", std::move(not_replayed)}};
}

std::string ReplaySums::InWords() const {
  policy::TextPage page;
  page.Line(0, absl::StrCat("The same: ", same_allowed_, " allowed, ",
                            same_refused_, " refused."));
  AppendRoutes("Newly refused", "for ", newly_refused_, &page);
  AppendRoutes("Newly allowed", "was refused for ", newly_allowed_, &page);
  if (!fields_.empty())
    page.Heading("Fields of acts that are allowed both ways");
  for (const auto& [flip, flips] : fields_) {
    page.Item(
        0, absl::StrCat(
               flip.field,
               flip.gained ? " would go as well: " : " would not go any more: ",
               RouteInWords(flip.route), ", ", SumsInWords(flips)));
  }
  if (!not_replayed_.empty()) page.Heading("Not asked again");
  for (const auto& [why, acts] : not_replayed_) {
    page.Item(0, absl::StrCat(why, ": ", acts));
  }
  return page.text();
}

}  // namespace entente::client
