import { defineConfig } from 'vite';
import { pageConfig } from '../shared/src/page-config.ts';

export default defineConfig(pageConfig(import.meta.dirname));
