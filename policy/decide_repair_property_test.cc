// The reasons of a refusal are all of them.
#include <algorithm>

#include <set>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "gtest/gtest.h"
#include "policy/decide.h"
#include "policy/for_all.h"
#include "policy/test_decision.h"

namespace entente::policy {
namespace {

// Does what each listed reason says, and nothing else.
class Repair {
 public:
  Repair(World* world, Request* request)
      : draft_(world->agreements.at(request->agreement)),
        version_(draft_.versions[size_t(request->version - 1)]),
        request_(*request) {}

  void All(const std::vector<Failure>& failures) {
    for (const Failure& failure : failures) State(failure);
    for (const Failure& failure : failures) Route(failure);
    if (fresh_flow_) return;
    for (const Failure& failure : failures) Carried(failure);
  }

 private:
  Agreement& document() { return version_.document; }

  Flow& flow() {
    for (Flow& any : document().flows) {
      if (any.id == request_.flow) return any;
    }
    for (Flow& any : document().flows) {
      const auto has = [](const auto& in, const std::string& name) {
        return std::count(in.begin(), in.end(), name) > 0;
      };
      if (has(any.from, request_.sender) && has(any.to, request_.recipient) &&
          has(any.purposes, request_.purpose) &&
          any.dataset == request_.dataset) {
        return any;
      }
    }
    return document().flows[0];
  }

  void SignAndStart() {
    version_.missing.clear();
    version_.activated = true;
  }

  void State(const Failure& failure) {
    const absl::CivilDay today =
        absl::ToCivilDay(WorldNow(), absl::UTCTimeZone());
    switch (failure.reason) {
      case Reason::kNotFullySigned:
      case Reason::kNotActive:
        return SignAndStart();
      case Reason::kNotYetValid:
        document().valid.from = today;
        if (version_.missing.empty()) SignAndStart();
        return;
      case Reason::kExpired:
        document().valid.until = today + 1;
        return;
      case Reason::kReviewOverdue:
        document().valid.review_by = today;
        document().governance.dpia.review_by.reset();
        return;
      case Reason::kVersionSuperseded:
        for (DraftVersion& version : draft_.versions) {
          if (version.document.version > request_.version) {
            version.missing = {"x: y"};
            version.activated = false;
          }
        }
        return;
      case Reason::kTerminated:
        draft_.terminated = false;
        return;
      case Reason::kSuspended:
        draft_.suspended_by.clear();
        return;
      case Reason::kWithdrawn:
        draft_.withdrawn.clear();
        return;
      case Reason::kWitnessesMissing:
        draft_.quorum_missing = false;
        return;
      case Reason::kSuspendedBySender:
        draft_.sending_suspended_by.clear();
        return;
      default:
        return;
    }
  }

  void Route(const Failure& failure) {
    const bool parents = failure.reason == Reason::kParentNotInForce ||
                         absl::StartsWith(failure.clause, "isa-");
    if (parents || failure.reason == Reason::kNoFieldReleased) {
      document().under.clear();
      SetExactFields(document(), flow(), &request_);
      exact_ = true;
    }
    switch (failure.reason) {
      case Reason::kSenderNotParty:
      case Reason::kRecipientNotParty:
      case Reason::kSameParty:
      case Reason::kPurposeNotInAgreement:
      case Reason::kDatasetNotInAgreement:
      case Reason::kNoFlow: {
        if (parents) return;
        Dice dice({});
        const Flow& wanted = flow();
        Request fitting = FittingRequest(&dice, document(), wanted);
        const bool named = request_.flow == wanted.id;
        fitting.flow = wanted.id;
        if (named) {
          // The flow was known, and judged: only the route is repaired.
          request_.sender = fitting.sender;
          request_.recipient = fitting.recipient;
          request_.purpose = fitting.purpose;
          request_.dataset = fitting.dataset;
        } else {
          request_ = fitting;
          fresh_flow_ = true;
        }
        document().under.clear();
        if (exact_ || named) SetExactFieldsIfBatch();
        [[fallthrough]];
      }
      case Reason::kNotYourAgency:
        request_.caller = request_.method == Method::kQuery ? request_.recipient
                                                            : request_.sender;
        draft_.sending_suspended_by.erase(request_.sender);
        draft_.withdrawn.clear();
        return;
      default:
        return;
    }
  }

  void SetExactFieldsIfBatch() {
    if (exact_) SetExactFields(document(), flow(), &request_);
  }

  static std::vector<std::string> NamesIn(const Failure& failure) {
    std::vector<std::string> names = absl::StrSplit(failure.detail, ", ");
    for (std::string& name : names) name = name.substr(0, name.find(' '));
    return names;
  }

  void Drop(const std::string& name) {
    std::erase(request_.fields, name);
    std::erase_if(request_.pseudonyms, [&](const PseudonymName& field) {
      return field.name == name;
    });
  }

  void Add(const std::string& name) {
    Drop(name);
    const auto& schemes = document().datasets.at(flow().dataset).identifiers;
    const bool pseudonym =
        flow().release.at(name).transform == Transform::kPseudonym;
    if (pseudonym && request_.method != Method::kQuery) {
      request_.pseudonyms.push_back({name, schemes.at(name)});
    } else {
      request_.fields.push_back(name);
    }
  }

  void Carried(const Failure& failure) {
    switch (failure.reason) {
      case Reason::kMethodNotAllowed:
        flow().methods.push_back(request_.method);
        return;
      case Reason::kMissing:
        request_.carried.push_back(*RequirementOf(failure.item));
        return;
      case Reason::kTooManyRecords:
        request_.records = 1;
        return;
      case Reason::kFieldRepeated:
        if (exact_) return;
        for (const std::string& name : NamesIn(failure)) {
          // One that is not released above either would come back.
          if (not_released_.count(name) > 0) continue;
          const bool known =
              flow().release.count(name) > 0 &&
              flow().release.at(name).transform != Transform::kWithhold;
          if (known) {
            Add(name);
          } else {
            Drop(name);
            if (request_.method == Method::kQuery) {
              request_.fields.push_back(name);
            }
          }
        }
        return;
      case Reason::kFieldNotReleased:
        for (const std::string& name : NamesIn(failure)) {
          if (!exact_) Drop(name);
          not_released_.insert(name);
        }
        return;
      case Reason::kFieldMissing:
      case Reason::kWrongForm:
        for (const std::string& name : NamesIn(failure)) {
          if (!exact_) Add(name);
        }
        return;
      default:
        return;
    }
  }

  DraftAgreement& draft_;
  DraftVersion& version_;
  Request& request_;
  std::set<std::string> not_released_;
  bool fresh_flow_ = false;
  bool exact_ = false;
};

TEST(DecideProperty, RepairingTheListedReasonsAllows) {
  int repaired = 0;
  ForAll(3 * kRounds, [&](Dice* dice) {
    World world = RandomWorld(dice);
    Request request = RandomRequest(dice, world);
    const Decision before = Decide(*world.Compile(), WorldNow(), request);
    if (before.allowed()) return;
    // These two hide what they cannot judge.
    const Reason first = before.failures[0].reason;
    if (first == Reason::kNoAgreement || first == Reason::kVersionUnknown) {
      return;
    }
    Repair(&world, &request).All(before.failures);
    const Decision after = Decide(*world.Compile(), WorldNow(), request);
    EXPECT_TRUE(after.allowed()) << Text(before) << "\nthen\n" << Text(after);
    ++repaired;
  });
  EXPECT_GT(repaired, kRounds / 3);
}

}  // namespace
}  // namespace entente::policy
