// Takes the place of Brian2's Network::run in generated programs. Brian2 reads the clock of the processor, a call of the system, after
// every step and, with a report, before every object; this reads a clock about twenty times a second, and only if there is a report.
// Records are filled before the steps and emptied after them (interleaved.py), and steps without events left out (quiet_steps.py).
// StepClock is what Brian2's class keeps: any kind of clock where it knows several.
// Network::next_clocks without a set that is made anew in every step.
static inline StepClock* b2c_next_clocks(const std::vector<StepClock*>& all, std::vector<char>& due)
{
    if (all.empty())
        return NULL;
    StepClock* first = all[0];
    for (size_t k = 1; k < all.size(); k++)
        if (all[k]->t[0] < first->t[0])
            first = all[k];
    const double t = first->t[0];
    for (size_t k = 0; k < all.size(); k++)
        due[k] = all[k]->t[0] == t || fabs(all[k]->t[0] - t) <= Clock_epsilon;
    return first;
}

static inline void b2c_to_next_step(int64_t end)
{
    if (!b2c_quiet_clock())
        return;
    Clock& clock = *b2c_quiet_clock();
    const int64_t step = clock.timestep[0], next = std::min(b2c_next_step(step), end);
    if (next > step)
    {
        b2c_leave_out(next - step);
        clock.timestep[0] = next - 1;
        clock.tick();
    }
}

void Network::run(const double duration, void (*report_func)(const double, const double, const double, const double), const double report_period)
{
    typedef std::chrono::steady_clock Wall;
    const Wall::time_point start = Wall::now();
    const double t_start = t;
    const double t_end = t + duration;
    compute_clocks();
    for (std::set<StepClock*>::iterator i = clocks.begin(); i != clocks.end(); i++)
        (*i)->set_interval(t, t_end);
    if (report_func)
        report_func(0.0, 0.0, t_start, duration);

    int64_t quiet_end = 0;
    double quiet_t = 0.0;
    if (b2c_quiet_clock())
    {
        Clock last;  // as a clock that would start at the end
        last.dt = b2c_quiet_clock()->dt;
        last.timestep = &quiet_end;
        last.t = &quiet_t;
        last.set_interval(t_end, t_end);
    }
    b2c_before_steps();
    double elapsed = 0.0, next_report = report_period;
    long stride = 1, until_look = 1;  // steps between two looks at the clock
    const std::vector<StepClock*> all(clocks.begin(), clocks.end());
    std::vector<char> due(all.size());  // the clocks whose next step is this one
    std::vector<size_t> clock_of(objects.size());
    for (size_t i = 0; i < objects.size(); i++)
        clock_of[i] = std::find(all.begin(), all.end(), objects[i].first) - all.begin();
    Network::_globally_running = true;
    Network::_globally_stopped = false;
    b2c_to_next_step(quiet_end);
    StepClock* clock = b2c_next_clocks(all, due);
    while (clock && clock->running() && !Network::_globally_stopped)
    {
        t = clock->t[0];
        if (report_func && --until_look == 0)
        {
            const double now = std::chrono::duration<double>(Wall::now() - start).count();
            stride = now - elapsed < 0.05 ? 2 * stride : (stride + 1) / 2;
            until_look = stride;
            elapsed = now;
            if (elapsed > next_report)
            {
                report_func(elapsed, (clock->t[0] - t_start) / duration, t_start, duration);
                next_report = elapsed + report_period;
            }
        }
        for (size_t i = 0; i < objects.size(); i++)
            if (objects[i].second && due[clock_of[i]])
                objects[i].second();
        for (size_t k = 0; k < all.size(); k++)
            if (due[k])
                all[k]->tick();
        b2c_to_next_step(quiet_end);
        clock = b2c_next_clocks(all, due);
    }
    b2c_after_steps();
    Network::_globally_running = false;
    t = Network::_globally_stopped ? clock->t[0] : t_end;
    elapsed = std::chrono::duration<double>(Wall::now() - start).count();
    _last_run_time = elapsed;
    _last_run_completed_fraction = duration > 0 ? (t - t_start) / duration : 1.0;
    if (report_func)
        report_func(elapsed, _last_run_completed_fraction, t_start, duration);
}

