// Takes the place of Brian2's Network::run in generated programs. Brian2 reads the clock of the processor, a call of the system, after
// every step and, with a report, before every object; this reads a clock about twenty times a second, and only if there is a report.
void Network::run(const double duration, void (*report_func)(const double, const double, const double, const double), const double report_period)
{
    typedef std::chrono::steady_clock Wall;
    const Wall::time_point start = Wall::now();
    const double t_start = t;
    const double t_end = t + duration;
    compute_clocks();
    for (std::set<Clock*>::iterator i = clocks.begin(); i != clocks.end(); i++)
        (*i)->set_interval(t, t_end);
    if (report_func)
        report_func(0.0, 0.0, t_start, duration);

    double elapsed = 0.0, next_report = report_period;
    long stride = 1, until_look = 1;  // steps between two looks at the clock
    const bool one_clock = clocks.size() == 1;
    Clock* clock = next_clocks();
    Network::_globally_running = true;
    Network::_globally_stopped = false;
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
            if (objects[i].second && (one_clock || curclocks.find(objects[i].first) != curclocks.end()))
                objects[i].second();
        if (one_clock)
            clock->tick();
        else
        {
            for (std::set<Clock*>::iterator i = curclocks.begin(); i != curclocks.end(); i++)
                (*i)->tick();
            clock = next_clocks();
        }
    }
    Network::_globally_running = false;
    t = Network::_globally_stopped ? clock->t[0] : t_end;
    elapsed = std::chrono::duration<double>(Wall::now() - start).count();
    _last_run_time = elapsed;
    _last_run_completed_fraction = duration > 0 ? (t - t_start) / duration : 1.0;
    if (report_func)
        report_func(elapsed, _last_run_completed_fraction, t_start, duration);
}

