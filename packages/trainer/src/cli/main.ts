#!/usr/bin/env node
import { hearSaveRequests } from './save-requests.ts';

// Before all else is loaded: at a SIGUSR1 that nobody hears Node opens its debugger.
hearSaveRequests();
await import('./command-line.ts');
