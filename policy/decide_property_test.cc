#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "gtest/gtest.h"
#include "policy/decide.h"
#include "policy/naive_decide.h"
#include "policy/random_world.h"

namespace entente::policy {
namespace {

#ifdef __SANITIZE_ADDRESS__
constexpr uint64_t kRounds = 500;  // some ten times slower
#else
constexpr uint64_t kRounds = 3000;
#endif
constexpr int kRequests = 5;

std::string Text(const Decision& decision) {
  std::string text = decision.allowed() ? "allow" : "deny";
  for (const Failure& failure : decision.failures) {
    absl::StrAppend(&text, "\n  ", failure.Code(), " | ", failure.clause, " | ",
                    failure.detail);
  }
  return text;
}

// Codes alone, for documents whose flows have moved.
std::vector<std::string> Codes(const Decision& decision) {
  std::vector<std::string> codes;
  for (const Failure& failure : decision.failures) {
    codes.push_back(failure.Code());
  }
  return codes;
}

// Field, and how it is released; empty if it is not.
std::map<std::string, Treatment> Released(const Decision& decision) {
  std::map<std::string, Treatment> released;
  for (const FieldAnswer& field : decision.fields) {
    if (field.treatment != nullptr) released[field.name] = *field.treatment;
  }
  return released;
}

void ExpectSame(const Decision& a, const Decision& b) {
  EXPECT_EQ(a.effect, b.effect);
  EXPECT_EQ(a.failures, b.failures) << Text(a) << "\nagainst\n" << Text(b);
  EXPECT_EQ(a.agreement, b.agreement);
  EXPECT_EQ(a.flow, b.flow);
  EXPECT_EQ(a.now, b.now);
  EXPECT_EQ(a.good_until, b.good_until);
  EXPECT_EQ(a.parents.size(), b.parents.size());
  ASSERT_EQ(a.fields.size(), b.fields.size());
  for (size_t i = 0; i < a.fields.size(); ++i) {
    EXPECT_EQ(a.fields[i].name, b.fields[i].name);
    EXPECT_EQ(a.fields[i].treatment, b.fields[i].treatment);
    EXPECT_EQ(a.fields[i].withheld, b.fields[i].withheld);
  }
}

TEST(DecideProperty, CompiledIsTheDefinition) {
  int allowed = 0;
  int all = 0;
  ForSeeds(kRounds, [&](Dice* dice) {
    const World world = RandomWorld(dice);
    const auto known = world.Compile();
    for (int i = 0; i < kRequests; ++i, ++all) {
      const Request request = RandomRequest(dice, world);
      const Decision decision = Decide(*known, WorldNow(), request);
      ExpectSame(decision, NaiveDecide(*known, WorldNow(), request));
      EXPECT_NE(decision.allowed(), !decision.failures.empty());
      allowed += decision.allowed();
    }
  });
  // The requests mean something only if many go each way.
  EXPECT_GT(allowed, all / 8);
  EXPECT_GT(all - allowed, all / 8);
}

TEST(DecideProperty, EmptyRegisterDeniesAll) {
  const auto empty = Register::Create({});
  ForSeeds(kRounds / 10, [&](Dice* dice) {
    const Decision decision =
        Decide(*empty, WorldNow(), RandomRequest(dice, RandomWorld(dice)));
    EXPECT_EQ(Codes(decision), std::vector<std::string>{"NO_AGREEMENT"});
  });
}

TEST(DecideProperty, SameArgumentsSameAnswer) {
  ForSeeds(kRounds / 10, [&](Dice* dice) {
    const World world = RandomWorld(dice);
    const Request request = RandomRequest(dice, world);
    const auto one = world.Compile();
    ExpectSame(Decide(*one, WorldNow(), request),
               Decide(*one, WorldNow(), request));
    EXPECT_EQ(Text(Decide(*one, WorldNow(), request)),
              Text(Decide(*world.Compile(), WorldNow(), request)));
  });
}

void ShuffleAll(Dice* dice, Agreement* document) {
  dice->Shuffle(&document->flows);
  for (Flow& flow : document->flows) {
    dice->Shuffle(&flow.from);
    dice->Shuffle(&flow.to);
    dice->Shuffle(&flow.purposes);
    dice->Shuffle(&flow.methods);
    dice->Shuffle(&flow.require);
  }
}

TEST(DecideProperty, OrderDoesNotMatter) {
  ForSeeds(kRounds, [&](Dice* dice) {
    World world = RandomWorld(dice);
    Request request = RandomRequest(dice, world);
    const Decision before = Decide(*world.Compile(), WorldNow(), request);
    for (auto& [id, draft] : world.agreements) {
      for (DraftVersion& version : draft.versions) {
        ShuffleAll(dice, &version.document);
      }
    }
    dice->Shuffle(&request.fields);
    dice->Shuffle(&request.pseudonyms);
    dice->Shuffle(&request.carried);
    const Decision after = Decide(*world.Compile(), WorldNow(), request);
    EXPECT_EQ(Codes(before), Codes(after)) << Text(before);
    EXPECT_EQ(Released(before), Released(after));
  });
}

// Makes one version narrower in one way.
void Narrow(Dice* dice, DraftAgreement* draft, DraftVersion* version) {
  Agreement& document = version->document;
  Flow& flow = document.flows[dice->Roll(document.flows.size())];
  auto field = flow.release.begin();
  if (!flow.release.empty()) {
    std::advance(field, dice->Roll(flow.release.size()));
  }
  switch (dice->Roll(16)) {
    case 0:
      document.flows.erase(document.flows.begin());
      break;
    case 1:
      document.parties.erase(document.parties.begin());
      for (Flow& any : document.flows) {
        const auto gone = [&](const std::string& party) {
          return document.parties.count(party) == 0;
        };
        any.from.erase(std::remove_if(any.from.begin(), any.from.end(), gone),
                       any.from.end());
        any.to.erase(std::remove_if(any.to.begin(), any.to.end(), gone),
                     any.to.end());
      }
      break;
    case 2:
      flow.purposes.pop_back();
      break;
    case 3:
      flow.release.erase(field);
      break;
    case 4:
      field->second.transform = Transform::kWithhold;
      break;
    case 5:
      flow.methods.pop_back();
      break;
    case 6:
      flow.from.pop_back();
      break;
    case 7:
      flow.to.pop_back();
      break;
    case 8:
      document.valid.until -= int64_t(dice->Roll(300));
      break;
    case 9:
      flow.require.push_back(Requirement::kApprover);
      break;
    case 10:
      flow.limits.records_per_request = 0;
      break;
    case 11:
      draft->suspended_by.insert("east-police");
      break;
    case 12:
      draft->sending_suspended_by.insert("north-police");
      break;
    case 13:
      version->missing = {"north-police: chief"};
      break;
    case 14:
      draft->terminated = true;
      break;
    default:
      if (document.under.empty()) document.under = "isa-two";
  }
}

// What a narrower document allows, the wider one allows in the same way. A
// batch's list is exact, so it is asked with the wider document's list.
TEST(DecideProperty, NarrowingNeverAllowsMore) {
  int narrowed = 0;
  ForSeeds(kRounds, [&](Dice* dice) {
    World world = RandomWorld(dice);
    // A later version that narrows away would bring back the one before it.
    for (auto& [id, draft] : world.agreements) draft.versions.resize(1);
    Request request = RandomRequest(dice, world);
    const auto draft = world.agreements.find(request.agreement);
    if (draft == world.agreements.end()) return;
    const auto wide = world.Compile();
    Narrow(dice, &draft->second, &draft->second.versions[0]);
    const auto narrow = world.Compile();
    const Decision before = Decide(*wide, WorldNow(), request);
    if (request.method != Method::kQuery && before.flow != nullptr) {
      // Ask the narrower one with its own list.
      const Agreement& document = world.Document(request.agreement, 1);
      for (const Flow& flow : document.flows) {
        if (flow.id == before.flow->id) {
          SetExactFields(document, flow, &request);
        }
      }
    }
    const Decision after = Decide(*narrow, WorldNow(), request);
    if (!after.allowed()) {
      narrowed += before.allowed();
      return;
    }
    EXPECT_TRUE(before.allowed()) << Text(before);
    const auto released = Released(before);
    for (const auto& [name, treatment] : Released(after)) {
      ASSERT_EQ(released.count(name), 1u) << name;
      EXPECT_EQ(released.at(name), treatment);
    }
  });
  EXPECT_GT(narrowed, int(kRounds / 50));
}

TEST(DecideProperty, OneAgreementSaysNothingAboutAnother) {
  ForSeeds(kRounds, [&](Dice* dice) {
    World world = RandomWorld(dice);
    const Request request = RandomRequest(dice, world);
    const Decision before = Decide(*world.Compile(), WorldNow(), request);
    std::set<std::string> related = {request.agreement};
    for (int tier = 0; tier <= kMaxTiers; ++tier) {
      for (const auto& [id, draft] : world.agreements) {
        if (related.count(id) == 0) continue;
        for (const DraftVersion& version : draft.versions) {
          related.insert(version.document.under);
        }
      }
    }
    for (auto& [id, draft] : world.agreements) {
      if (related.count(id) > 0) continue;
      draft.versions.resize(1);
      draft.versions[0].document = RandomDocument(dice, id, 1);
      draft.suspended_by.clear();
    }
    EXPECT_EQ(Text(before),
              Text(Decide(*world.Compile(), WorldNow(), request)));
  });
}

TEST(DecideProperty, SuspendedUnsignedOrEndedNeverAllows) {
  ForSeeds(kRounds, [&](Dice* dice) {
    World world = RandomWorld(dice);
    const Request request = RandomRequest(dice, world);
    const auto draft = world.agreements.find(request.agreement);
    if (draft == world.agreements.end()) return;
    switch (dice->Roll(4)) {
      case 0:
        draft->second.suspended_by.insert("west-police");
        break;
      case 1:
        draft->second.sending_suspended_by.insert(request.sender);
        break;
      case 2:
        draft->second.terminated = true;
        break;
      default:
        for (DraftVersion& version : draft->second.versions) {
          version.missing.push_back("west-police: chief");
        }
    }
    EXPECT_FALSE(Decide(*world.Compile(), WorldNow(), request).allowed());
  });
}

TEST(DecideProperty, AllowedOnlyInsideItsTime) {
  int allowed = 0;
  ForSeeds(kRounds, [&](Dice* dice) {
    const World world = RandomWorld(dice);
    const Request request = RandomRequest(dice, world);
    const absl::Time now =
        WorldNow() + absl::Hours(24) * (int64_t(dice->Roll(600)) - 300);
    const auto known = world.Compile();
    const Decision decision = Decide(*known, now, request);
    if (!decision.allowed()) return;
    ++allowed;
    EXPECT_LE(decision.agreement->from(), now);
    EXPECT_LT(now, decision.good_until);
    EXPECT_LE(decision.good_until, decision.agreement->until());
    EXPECT_TRUE(
        Decide(*known, decision.good_until - absl::Nanoseconds(1), request)
            .allowed());
    // It may end later if the version that takes over is never activated.
    if (decision.good_until == decision.agreement->until()) {
      EXPECT_FALSE(Decide(*known, decision.good_until, request).allowed());
    }
  });
  EXPECT_GT(allowed, int(kRounds / 50));
}

TEST(DecideProperty, ReleasesOnlyWhatIsAskedAndListed) {
  ForSeeds(kRounds, [&](Dice* dice) {
    const World world = RandomWorld(dice);
    const Request request = RandomRequest(dice, world);
    const Decision decision = Decide(*world.Compile(), WorldNow(), request);
    if (!decision.allowed()) {
      EXPECT_TRUE(decision.fields.empty());
      EXPECT_EQ(decision.flow, nullptr);
      return;
    }
    const size_t asked = request.fields.size() + request.pseudonyms.size();
    ASSERT_EQ(decision.fields.size(), asked);
    for (size_t i = 0; i < asked; ++i) {
      const FieldAnswer& field = decision.fields[i];
      EXPECT_EQ(field.name,
                i < request.fields.size()
                    ? request.fields[i]
                    : request.pseudonyms[i - request.fields.size()].name);
      if (field.treatment == nullptr) continue;
      EXPECT_EQ(*field.treatment, decision.flow->release.at(field.name));
      EXPECT_NE(field.treatment->transform, Transform::kWithhold);
    }
  });
}

TEST(DecideProperty, TheOtherDirectionMustBeWritten) {
  ForSeeds(kRounds, [&](Dice* dice) {
    const World world = RandomWorld(dice);
    Request request = RandomRequest(dice, world);
    std::swap(request.sender, request.recipient);
    request.caller =
        request.method == Method::kQuery ? request.recipient : request.sender;
    const Decision decision = Decide(*world.Compile(), WorldNow(), request);
    if (!decision.allowed()) return;
    const Flow& flow = *decision.flow;
    EXPECT_EQ(std::count(flow.from.begin(), flow.from.end(), request.sender),
              1);
    EXPECT_EQ(std::count(flow.to.begin(), flow.to.end(), request.recipient), 1);
  });
}

TEST(DecideProperty, AQueryIsAnsweredAsItsFieldsAlone) {
  ForSeeds(kRounds, [&](Dice* dice) {
    const World world = RandomWorld(dice);
    const Request request = RandomRequest(dice, world);
    if (request.method != Method::kQuery) return;
    const auto known = world.Compile();
    const Decision whole = Decide(*known, WorldNow(), request);
    if (!whole.allowed()) return;
    for (const FieldAnswer& field : whole.fields) {
      Request single = request;
      single.fields = {field.name};
      single.pseudonyms.clear();
      const Decision one = Decide(*known, WorldNow(), single);
      ASSERT_EQ(one.allowed(), field.treatment != nullptr);
      if (!one.allowed()) continue;
      EXPECT_EQ(one.fields[0].treatment, field.treatment);
    }
  });
}

TEST(DecideProperty, AParentNeverWidens) {
  int under = 0;
  ForSeeds(2 * kRounds, [&](Dice* dice) {
    World world = RandomWorld(dice);
    Request request;
    Decision decision;
    for (int tries = 0; tries < kRequests; ++tries) {
      request = RandomRequest(dice, world);
      decision = Decide(*world.Compile(), WorldNow(), request);
      if (!decision.parents.empty()) break;
    }
    if (decision.parents.empty()) return;
    ++under;
    for (const Decision::Parent& parent : decision.parents) {
      for (const auto& [name, treatment] : Released(decision)) {
        const Treatment& above = parent.flow->release.at(name);
        EXPECT_TRUE(above == treatment || above.transform == Transform::kAsIs);
      }
    }
    Agreement& document = world.Document(request.agreement, request.version);
    document.under.clear();
    Request alone = request;
    if (request.method != Method::kQuery) {
      SetExactFields(document, *decision.flow, &alone);
    }
    EXPECT_TRUE(Decide(*world.Compile(), WorldNow(), alone).allowed());
  });
  EXPECT_GT(under, int(kRounds / 100));
}

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
        Dice dice(1);
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
  bool fresh_flow_ = false;
  bool exact_ = false;
};

TEST(DecideProperty, RepairingTheListedReasonsAllows) {
  int repaired = 0;
  ForSeeds(3 * kRounds, [&](Dice* dice) {
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
  EXPECT_GT(repaired, int(kRounds / 3));
}

}  // namespace
}  // namespace entente::policy
