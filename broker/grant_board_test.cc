#include "broker/grant_board.h"

#include "gtest/gtest.h"

namespace entente::broker {
namespace {

absl::Time BoardNow() { return absl::FromUnixSeconds(1795000000); }

GrantState OnBoard(const std::string& agreement, char name, size_t steps) {
  GrantState state;
  state.grant.agreement = agreement;
  state.grant.id = std::string(64, name);
  state.life.asked = BoardNow() - absl::Minutes(name - 'a' + 1);
  state.steps = steps;
  if (steps > 1) {
    state.approved = true;
    state.grant.from = BoardNow() - absl::Minutes(1);
    state.grant.until = BoardNow() + absl::Minutes(10);
  }
  return state;
}

std::string NamesOf(const std::vector<GrantState>& states) {
  std::string names;
  for (const GrantState& state : states) names += state.grant.id[0];
  return names;
}

TEST(GrantBoard, OnlyAnOpenGrantItKnowsIsOpen) {
  GrantBoard board;
  const std::string a(64, 'a');
  EXPECT_FALSE(board.IsOpen("isa-one", a, BoardNow()));
  board.Put(OnBoard("isa-one", 'a', 1));
  EXPECT_FALSE(board.IsOpen("isa-one", a, BoardNow()));
  board.Put(OnBoard("isa-one", 'a', 2));
  EXPECT_TRUE(board.IsOpen("isa-one", a, BoardNow()));
  EXPECT_FALSE(board.IsOpen("isa-two", a, BoardNow()));
  EXPECT_FALSE(board.IsOpen("isa-one", std::string(64, 'b'), BoardNow()));
  EXPECT_FALSE(board.IsOpen("isa-one", a, BoardNow() + absl::Minutes(10)));
  GrantState drill = OnBoard("isa-one", 'd', 2);
  drill.grant.drill = true;
  board.Put(drill);
  EXPECT_FALSE(board.IsOpen("isa-one", std::string(64, 'd'), BoardNow()));
}

TEST(GrantBoard, AnOlderStateDoesNotReplaceANewerOne) {
  GrantBoard board;
  GrantState closed = OnBoard("isa-one", 'a', 3);
  closed.grant.until = BoardNow();
  board.Put(closed);
  board.Put(OnBoard("isa-one", 'a', 2));
  EXPECT_FALSE(board.IsOpen("isa-one", std::string(64, 'a'), BoardNow()));
}

TEST(GrantBoard, TellsOfWhatIsNotSettledTheOldestFirst) {
  GrantBoard board;
  board.Put(OnBoard("isa-one", 'a', 1));
  board.Put(OnBoard("isa-one", 'b', 2));
  board.Put(OnBoard("isa-two", 'c', 2));
  GrantState reported = OnBoard("isa-one", 'd', 4);
  reported.life.reported = true;
  board.Put(reported);
  EXPECT_EQ(NamesOf(board.ToTell("isa-one", BoardNow())), "ba");
  EXPECT_EQ(NamesOf(board.ToTell("isa-two", BoardNow())), "c");
  EXPECT_EQ(NamesOf(board.ToTell("isa", BoardNow())), "");
  // What lapsed is of no more interest; a report stays due.
  EXPECT_EQ(NamesOf(board.ToTell("isa-one", BoardNow() + absl::Hours(2))), "b");
  EXPECT_EQ(board.All().size(), 4u);
}

}  // namespace
}  // namespace entente::broker
