-- Whose turn is next is asked all the time. Jobs that wait for their time may come before the first one that is due: the index tells
-- them apart without a look at each row.
drop index jobs_turn;
create index jobs_turn on jobs (turn, id, run_at) where state = 'queued';
