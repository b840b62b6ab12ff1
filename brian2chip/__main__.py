from brian2chip.cli import main

raise SystemExit(main())
